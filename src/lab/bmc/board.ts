import type {Clock} from '../../clock.ts';
import type {Instant} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {Chassis} from '../machine/chassis.ts';
import {inTurn} from '../machine/in-turn.ts';
import type {Link} from '../machine/link.ts';
import type {Ailments} from './ailment.ts';
import {readable} from './readable.ts';

export const resetTypes = ['On', 'ForceOn', 'ForceOff', 'ForceRestart', 'PowerCycle', 'GracefulShutdown'] as const;
export type ResetType = (typeof resetTypes)[number];

export const bootTargets = ['None', 'Cd', 'Hdd'] as const;
export const bootEnablements = ['Disabled', 'Once', 'Continuous'] as const;

export interface BootOverride {
  readonly target: (typeof bootTargets)[number];
  readonly enabled: (typeof bootEnablements)[number];
}

/** What the virtual CD's slot says of itself. */
export interface Shown {
  /** The URL of what is in it. */
  readonly image: string | undefined;
  readonly name: string | undefined;
}

export interface LogLine {
  readonly id: number;
  readonly at: Instant;
  readonly says: string;
  readonly severity: 'OK' | 'Warning';
}

/** How often something was really done to the machine, whoever asked. */
export interface Effects {
  readonly inserts: number;
  readonly ejects: number;
  readonly resets: number;
  /** Media that went away without being asked. */
  readonly drops: number;
}

/** What the management controller knows and does, without the protocol it is spoken to in. */
export interface Board {
  /** What is really in the drive. */
  medium(): string | undefined;
  shown(): Shown;
  boot(): BootOverride;
  setBoot(boot: Partial<BootOverride>): void;
  /** For the chassis: what this start is from. An override for one boot is used up by it. */
  bootSource(): 'cd' | 'disk';
  insert(url: string): Promise<Result<void>>;
  eject(): Promise<Result<void>>;
  /** The medium goes as if the link to it had been lost for good: nobody asked. */
  drop(why: string): Promise<void>;
  reset(type: ResetType): Promise<Result<void>>;
  /** What the machine shows, as PNG. */
  screen(): Promise<Result<Buffer>>;
  /** Newest last. */
  log(): readonly LogLine[];
  effects(): Effects;
}

// A real BMC's log is small as well, and forgets the oldest first.
const logRoom = 500;

const nameOf = (url: string | undefined): string | undefined => url?.split('/').at(-1);

export interface BoardParts {
  readonly chassis: () => Chassis;
  readonly link: Link;
  readonly ailments: Ailments;
  readonly clock: Clock;
}

export function board({chassis, link, ailments, clock}: BoardParts): Board {
  const next = inTurn();
  const none: BootOverride = {target: 'None', enabled: 'Disabled'};
  let medium: string | undefined;
  /** What was in the drive last, whatever has become of it. */
  let last: string | undefined;
  /** The BMC has not noticed that the medium is gone. */
  let unnoticed = false;
  let boot = none;
  let lines: readonly LogLine[] = [];
  let written = 0;
  let effects: Effects = {inserts: 0, ejects: 0, resets: 0, drops: 0};

  const write = (says: string, severity: LogLine['severity'] = 'OK'): void => {
    lines = [...lines, {id: ++written, at: clock.now(), says, severity}].slice(-logRoom);
  };
  const count = (effect: keyof Effects): void => {
    effects = {...effects, [effect]: effects[effect] + 1};
  };
  const remove = async (): Promise<Result<void>> => {
    medium = undefined;
    // First the line, so that no read is under way when the drive lets go.
    link.close();
    return chassis().unload();
  };
  const act: Record<ResetType, () => Promise<Result<void>>> = {
    On: () => chassis().on(),
    ForceOn: () => chassis().on(),
    ForceOff: async () => ok(await chassis().off()),
    ForceRestart: () => chassis().restart(),
    PowerCycle: () => chassis().restart(),
    GracefulShutdown: () => chassis().pressButton(),
  };

  const lose = async (says: string): Promise<void> => {
    if (medium === undefined) return;
    count('drops');
    unnoticed = ailments.suffers('stale-inserted');
    if (!unnoticed) write(says, 'Warning');
    await remove();
  };

  return {
    medium: () => medium,
    shown() {
      const image = medium ?? (unnoticed && ailments.suffers('stale-inserted') ? last : undefined);
      return {image, name: nameOf(image ?? (ailments.suffers('stale-name') ? last : undefined))};
    },
    boot: () => boot,
    log: () => lines,
    effects: () => effects,
    setBoot(wanted) {
      const next = {...boot, ...wanted};
      boot = next.target === 'None' || next.enabled === 'Disabled' ? none : next;
      write(`Boot override set to ${boot.target}, ${boot.enabled}.`);
    },
    bootSource() {
      const wanted = boot.enabled !== 'Disabled' && boot.target === 'Cd';
      const forgotten = wanted && ailments.spend('forget-boot');
      const source = wanted && !forgotten ? 'cd' : 'disk';
      if (boot.enabled === 'Once' || forgotten) boot = none;
      // The drive lets go once the machine that is being started is there.
      if (medium !== undefined && ailments.spend('eject-on-start'))
        void next(() => lose('Virtual media ejected by: Server_Reboot.'));
      write(`System boot from ${source === 'cd' ? 'virtual CD' : 'disk'}.`);
      return source;
    },
    insert: (url) =>
      next(async () => {
        const local = await link.open(url);
        if (!local.ok) return local;
        const there = await readable(local.value);
        const loaded = there.ok ? await chassis().load(local.value) : there;
        if (!loaded.ok) {
          link.close();
          write('Virtual media could not be connected.', 'Warning');
          return loaded;
        }
        medium = url;
        last = url;
        unnoticed = false;
        count('inserts');
        write('Virtual media connected.');
        return loaded;
      }),
    eject: () =>
      next(async () => {
        unnoticed = false;
        if (medium === undefined) return ok(undefined);
        count('ejects');
        write('Virtual media disconnected.');
        return remove();
      }),
    drop: (why) => next(() => lose(`Virtual media connection lost: ${why}.`)),
    async reset(type) {
      count('resets');
      write(`System reset: ${type}.`);
      return act[type]();
    },
    screen: () => chassis().screenshot(),
  };
}
