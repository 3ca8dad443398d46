import type {Clock} from '../../clock.ts';
import type {Instant} from '../../brand.ts';
import {ok, type Result} from '../../result.ts';
import type {Chassis} from '../machine/chassis.ts';
import {inTurn} from '../machine/in-turn.ts';
import type {Link} from '../machine/link.ts';
import {readable} from './readable.ts';

export const resetTypes = ['On', 'ForceOn', 'ForceOff', 'ForceRestart', 'PowerCycle', 'GracefulShutdown'] as const;
export type ResetType = (typeof resetTypes)[number];

export const bootTargets = ['None', 'Cd', 'Hdd'] as const;
export const bootEnablements = ['Disabled', 'Once', 'Continuous'] as const;

export interface BootOverride {
  readonly target: (typeof bootTargets)[number];
  readonly enabled: (typeof bootEnablements)[number];
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
  medium(): string | undefined;
  boot(): BootOverride;
  setBoot(boot: Partial<BootOverride>): void;
  /** For the chassis: what this start is from. An override for one boot is used up by it. */
  bootSource(): 'cd' | 'disk';
  insert(url: string): Promise<Result<void>>;
  eject(): Promise<Result<void>>;
  /** The medium goes as if the link to it had been lost for good: nobody asked. */
  drop(why: string): Promise<void>;
  reset(type: ResetType): Promise<Result<void>>;
  /** Newest last. */
  log(): readonly LogLine[];
  effects(): Effects;
}

// A real BMC's log is small as well, and forgets the oldest first.
const logRoom = 500;

export function board(parts: {readonly chassis: () => Chassis; readonly link: Link; readonly clock: Clock}): Board {
  const {chassis, link, clock} = parts;
  const next = inTurn();
  const none: BootOverride = {target: 'None', enabled: 'Disabled'};
  let medium: string | undefined;
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

  return {
    medium: () => medium,
    boot: () => boot,
    log: () => lines,
    effects: () => effects,
    setBoot(wanted) {
      const next = {...boot, ...wanted};
      boot = next.target === 'None' || next.enabled === 'Disabled' ? none : next;
      write(`Boot override set to ${boot.target}, ${boot.enabled}.`);
    },
    bootSource() {
      const source = boot.enabled !== 'Disabled' && boot.target === 'Cd' ? 'cd' : 'disk';
      if (boot.enabled === 'Once') boot = none;
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
        count('inserts');
        write('Virtual media connected.');
        return loaded;
      }),
    eject: () =>
      next(async () => {
        if (medium === undefined) return ok(undefined);
        count('ejects');
        write('Virtual media disconnected.');
        return remove();
      }),
    drop: (why) =>
      next(async () => {
        if (medium === undefined) return;
        count('drops');
        write(`Virtual media connection lost: ${why}.`, 'Warning');
        await remove();
      }),
    async reset(type) {
      count('resets');
      write(`System reset: ${type}.`);
      return act[type]();
    },
  };
}
