import type {Chance} from '../../../src/lab/fault/chance.ts';
import {rebuild, type Ended, type Line} from '../controller.ts';
import {mortal, type Death} from './death.ts';

/** How one sitting of the controller is cut short: at one of its own events, or after a time, by SIGKILL both. */
export type Cut = Death | {readonly afterMs: number};

export const cutText = (cut: Cut): string =>
  'afterMs' in cut ? `after ${cut.afterMs} ms` : `${cut.side} ${'nth' in cut.at ? `event ${cut.at.nth}` : cut.at.text}`;

/** `rebuild resume` under a cut. A sitting that ends before its cut comes ends by itself. */
export async function dying(argv: readonly string[], state: string, cut: Cut): Promise<Ended> {
  if (!('afterMs' in cut)) return rebuild(argv, state, () => {}, mortal(cut));
  let timer: NodeJS.Timeout | undefined;
  const ended = await rebuild(argv, state, (line, controller) => {
    // From when it is at work: starting Node takes as long as the machine is busy.
    if (line.type === 'run.resumed') timer = setTimeout(() => controller.kill('SIGKILL'), cut.afterMs);
  });
  clearTimeout(timer);
  return ended;
}

/** The step a sitting died in, as far as it was told. */
export function stepAtDeath(lines: readonly Line[]): string {
  const last = lines.findLast(({type}) => type === 'step.started' || type === 'step.done' || type === 'step.kept');
  return last && 'step' in last && last.type === 'step.started' ? last.step : 'between steps';
}

/** A cut comes so long after the checks at most, in milliseconds: well before the step is likely to end in the lab. */
const stepMs: Readonly<Record<string, number>> = {boot: 12_000, wipe: 12_000, install: 4000, network: 12_000};

/** Draws how a sitting is to end whose first unfinished step is `step`, the `done` ones before it being checked first. */
export function drawCut(chance: Chance, step: string, done: number): Cut {
  const side = chance.next() < 0.5 ? 'before' : 'after';
  // The first event is the resume itself, then one for each check.
  if (chance.next() < 0.5) return {side, at: {nth: Math.floor(chance.between(1, done + 9))}};
  return {afterMs: Math.round(chance.between(200, 3500 + (stepMs[step] ?? 2000)))};
}
