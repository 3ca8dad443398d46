import {existsSync, readFileSync, writeFileSync} from 'node:fs';

/** What all soaks on this machine came to. */
export interface Tally {
  readonly rebuilds: number;
  readonly failed: number;
  readonly strikes: number;
  /** Faults that were drawn and never struck: the run had ended, or nobody worked on it. */
  readonly missed: number;
  /** Sittings beyond each rebuild's first. */
  readonly interruptions: number;
  readonly hours: number;
  readonly byFault: Readonly<Record<string, number>>;
  /** Seeds of rebuilds that failed, with what was wrong. */
  readonly failures: readonly {readonly seed: number; readonly wrong: readonly string[]}[];
}

const nothing: Tally = {
  rebuilds: 0,
  failed: 0,
  strikes: 0,
  missed: 0,
  interruptions: 0,
  hours: 0,
  byFault: {},
  failures: [],
};

export const readTally = (file: string): Tally =>
  existsSync(file) ? {...nothing, ...(JSON.parse(readFileSync(file, 'utf8')) as Partial<Tally>)} : nothing;

export interface Counted {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly struck: readonly string[];
  readonly missed: number;
  readonly sittings: number;
  readonly hours: number;
}

/** Adds a rebuild to the tally and keeps it in the file. */
export function keepTally(file: string, {seed, wrong, struck, missed, sittings, hours}: Counted): Tally {
  const before = readTally(file);
  const byFault: Record<string, number> = {...before.byFault};
  for (const name of struck) byFault[name] = (byFault[name] ?? 0) + 1;
  const after: Tally = {
    rebuilds: before.rebuilds + 1,
    failed: before.failed + (wrong.length > 0 ? 1 : 0),
    strikes: before.strikes + struck.length,
    missed: before.missed + missed,
    interruptions: before.interruptions + sittings - 1,
    hours: before.hours + hours,
    byFault,
    failures: wrong.length > 0 ? [...before.failures, {seed, wrong}] : before.failures,
  };
  writeFileSync(file, `${JSON.stringify(after, undefined, 2)}\n`);
  return after;
}
