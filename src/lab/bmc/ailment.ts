/** What the BMC can suffer from. */
export type Ailment =
  /** A request is answered 500, 503, or as if its session were unknown. */
  | 'error'
  | 'busy'
  | 'forgotten'
  /** An insert, a reset is answered 204 and not done. */
  | 'no-mount'
  | 'ignore-reset'
  /** A start of the machine goes past the boot override, or throws the medium out. */
  | 'forget-boot'
  | 'eject-on-start'
  /** A medium that was lost is still shown as inserted; a slot that is empty still names its image. */
  | 'stale-inserted'
  | 'stale-name';

/** How often each ailment will yet show. */
export interface Ailments {
  /** So many times more, without end unless given. What it gives takes back what is then left of them. */
  give(ailment: Ailment, times?: number): () => void;
  suffers(ailment: Ailment): boolean;
  /** Whether it shows now; that time is used up. */
  spend(ailment: Ailment): boolean;
}

export function ailments(): Ailments {
  interface Dose {
    left: number;
  }
  const doses = new Map<Ailment, Set<Dose>>();
  const first = (ailment: Ailment): Dose | undefined => doses.get(ailment)?.values().next().value;
  return {
    give(ailment, times = Infinity) {
      const dose = {left: times};
      const all = doses.get(ailment) ?? new Set();
      doses.set(ailment, all.add(dose));
      return () => all.delete(dose);
    },
    suffers: (ailment) => first(ailment) !== undefined,
    spend(ailment) {
      const dose = first(ailment);
      if (dose === undefined) return false;
      dose.left -= 1;
      if (dose.left < 1) doses.get(ailment)?.delete(dose);
      return true;
    },
  };
}
