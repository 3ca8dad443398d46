import type {Clock} from '../../clock.ts';
import {fault as trouble} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Acts, Mend} from './act.ts';
import {anySeed, chance, type Chance} from './chance.ts';
import {isForNow, type LabFault, type TimedFault} from './lab-fault.ts';
import type {FaultScript} from './script.ts';
import type {Strike} from './strike-log.ts';

export interface StrikeParts {
  readonly acts: Acts<TimedFault['fault']>;
  /** Resolves at the fault's moment, `afterSeconds` not counted; false when `signal` aborts first. */
  readonly moment: (when: TimedFault['when'], signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
  readonly note: (strike: Strike) => void;
}

/** What is to go wrong, what waits to, and what has. */
export interface Strikes {
  /** A fault for now has struck when this resolves, or says why it cannot; one for later has been noted. */
  strike(fault: LabFault): Promise<Result<void>>;
  /** The same for each fault of a script, all of whose chances come from its one seed. */
  script(script: FaultScript): Promise<Result<void>>;
  /** Faults whose moment has not come. */
  waiting(): readonly LabFault[];
  /** Takes back what still lasts, and what waits too. */
  calm(): Promise<void>;
}

export function strikes({acts, moment, clock, note}: StrikeParts): Strikes {
  const waiting = new Map<TimedFault, AbortController>();
  /** What still lasts, the newest last. */
  const lasting = new Set<() => Promise<void>>();

  const act = async (fault: TimedFault, draws: Chance): Promise<Result<Mend>> => {
    const carryOut = acts[fault.fault] as (fault: TimedFault, draws: Chance) => Promise<Result<Mend>>;
    try {
      return await carryOut(fault, draws);
    } catch (error) {
      // The keeper outlives a fault that went wrong: whoever reads the log sees what.
      return failed(trouble('lab.failed', `${fault.fault}: ${error instanceof Error ? error.message : String(error)}`));
    }
  };

  const once = async (fault: TimedFault, seed: number, draws: Chance): Promise<Result<void>> => {
    const at = clock.now();
    const struck = await act(fault, draws);
    note({at, fault, seed, came: struck.ok ? 'struck' : 'refused', ...(!struck.ok && {says: struck.fault.says})});
    if (!struck.ok) return struck;
    const mend = struck.value;
    if (mend === undefined) return ok(undefined);
    const ended = new AbortController();
    const end = async (): Promise<void> => {
      if (!lasting.delete(end)) return;
      ended.abort();
      await mend();
      note({at: clock.now(), fault, seed, came: 'mended'});
    };
    lasting.add(end);
    if ('forSeconds' in fault) void clock.sleep(fault.forSeconds * 1000, ended.signal).then(end);
    return ok(undefined);
  };

  const later = async (fault: TimedFault, seed: number, draws: Chance, signal: AbortSignal): Promise<void> => {
    const {when, every} = fault;
    const wait = (seconds: number): Promise<void> => clock.sleep(seconds * 1000, signal);
    const pause = (): Promise<void> =>
      every === undefined ? Promise.resolve() : wait(draws.between(every.fromSeconds, every.toSeconds));
    if (when.at === 'now' && when.afterSeconds === undefined) await pause();
    else if (!(await moment(when, signal))) return;
    else if (when.afterSeconds !== undefined) await wait(when.afterSeconds);
    while (!signal.aborted) {
      if (every === undefined) waiting.delete(fault);
      await once(fault, seed, draws);
      if (every === undefined) return;
      await pause();
    }
  };

  const begin = (fault: LabFault, seed: number, name: string): Promise<Result<void>> => {
    if (fault.fault === 'mend') return (fault.waiting === 'kept' ? heal : calm)().then(() => ok(undefined));
    const draws = chance(seed, name);
    if (isForNow(fault)) return once(fault, seed, draws);
    const calmed = new AbortController();
    waiting.set(fault, calmed);
    void later(fault, seed, draws, calmed.signal).finally(() => waiting.delete(fault));
    return Promise.resolve(ok(undefined));
  };

  const heal = async (): Promise<void> => {
    for (const end of [...lasting].toReversed()) await end();
  };

  const calm = (): Promise<void> => {
    for (const [fault, calmed] of waiting) {
      waiting.delete(fault);
      calmed.abort();
    }
    return heal();
  };

  return {
    calm,
    waiting: () => [...waiting.keys()],
    strike: (fault) => begin(fault, fault.fault === 'mend' ? 0 : (fault.seed ?? anySeed()), fault.fault),
    async script({seed, faults}) {
      for (const [index, fault] of faults.entries()) {
        const begun = await begin(fault, seed, `${index} ${fault.fault}`);
        if (!begun.ok) return begun;
      }
      return ok(undefined);
    },
  };
}
