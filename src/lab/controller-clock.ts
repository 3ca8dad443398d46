import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {systemClock, type Clock} from '../clock.ts';
import type {Instant} from '../brand.ts';

/** Beside the lab's journal: by how many seconds the clock of its controllers is wrong now. */
const fileOf = (journal: string): string => join(dirname(journal), 'clock-wrong-by');

/**
 * The clock of a controller in the lab: this machine's own, wrong by what the lab says while it runs. Only the time of
 * day is: `ticks` and `sleep` go on as a kernel's monotonic clock does when somebody sets the other one.
 */
export const controllerClock = (journal: string): Clock => ({
  ...systemClock,
  now: () => new Date(Date.now() + wrongBySeconds(fileOf(journal)) * 1000).toISOString() as Instant,
});

/** Sets it for all of the lab's controllers, those that run already too; 0 is right again. */
export function setControllerClock(journal: string, bySeconds: number): void {
  if (bySeconds === 0) return rmSync(fileOf(journal), {force: true});
  mkdirSync(dirname(journal), {recursive: true, mode: 0o700});
  writeFileSync(fileOf(journal), String(bySeconds), {mode: 0o600});
}

function wrongBySeconds(file: string): number {
  try {
    const seconds = Number(readFileSync(file, 'utf8'));
    return Number.isFinite(seconds) ? seconds : 0;
  } catch {
    return 0;
  }
}
