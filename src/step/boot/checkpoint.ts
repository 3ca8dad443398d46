import type {JsonObject} from '../../json.ts';

/** How far a boot from the medium is: what a controller that comes after this one may wait for, where it stands. */
export type BootCheckpoint =
  /** The host is about to be started, or has been; so much of the medium was read when this was saved. */
  | {readonly phase: 'started'; readonly covered: number}
  /** The attempt came to nothing: there is nothing to wait for. */
  | {readonly phase: 'missed'}
  /** It came up. Should it go down, a later boot begins anew: there is nothing to wait for either. */
  | {readonly phase: 'up'};

/**
 * Bytes of the medium that were read in a boot which nobody has seen the end of; undefined where there is none to wait
 * for. Before the first byte there is none: a firmware that looked while no server stood behind the medium has gone on
 * to the next disk, and nothing but the self-test is lost by starting it again.
 */
export function leftAtBytes(at: JsonObject | undefined): number | undefined {
  if (at?.['phase'] !== 'started') return undefined;
  const {covered} = at;
  return typeof covered === 'number' && covered > 0 ? covered : undefined;
}

/** Saves at the first byte and at each quarter: often enough to tell reading from read, seldom enough to cost nothing. */
export function quarters(of: number, save: (covered: number) => Promise<void>): (covered: number) => Promise<void> {
  let saved = -1;
  return async (covered) => {
    const quarter = Math.floor((4 * Math.min(covered, of)) / of);
    if (covered === 0 || quarter <= saved) return;
    saved = quarter;
    await save(covered);
  };
}
