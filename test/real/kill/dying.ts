import type {Stored} from '../../../src/engine/event.ts';
import type {Chance} from '../../../src/lab/fault/chance.ts';
import {rebuild, type Ended, type Line} from '../controller.ts';
import {mortal, type Death} from './death.ts';

/** How one sitting of the controller is cut short, by SIGKILL: at one of its own events, or so long into a step. */
export type Cut = Death | {readonly step: string; readonly afterMs: number};

export function cutText(cut: Cut): string {
  if ('afterMs' in cut) return `${cut.afterMs} ms into ${cut.step}`;
  const {side, at} = cut;
  if ('text' in at) return `${side} ${at.text}`;
  const of = 'step' in at ? ` of ${at.step}` : 'within' in at ? ` of ${at.within}` : '';
  return `${side} event ${at.nth}${of}`;
}

/**
 * `rebuild` under a cut. One that is meant for a step strikes in it: at the latest right before the step is on record as
 * done. `see` is told every line that was printed.
 */
export async function dying(
  argv: readonly string[],
  state: string,
  cut: Cut,
  see: (line: Line) => Promise<void> | void = () => {},
): Promise<Ended> {
  if (!('afterMs' in cut)) return rebuild(argv, state, see, mortal(cut));
  let timer: NodeJS.Timeout | undefined;
  const strike = (line: Line, kill: () => void): void => {
    if (line.type === 'step.started' && line.step === cut.step) timer = setTimeout(kill, cut.afterMs);
  };
  const ended = await rebuild(
    argv,
    state,
    (line, controller) => {
      strike(line, () => controller.kill('SIGKILL'));
      return see(line);
    },
    mortal({side: 'before', at: {within: cut.step}}),
  );
  clearTimeout(timer);
  return ended;
}

/** The step that a sitting died in, by the journal: what was printed may lack its last line. */
export function stepAtDeath(events: readonly Stored[]): string {
  const last = events
    .map(({event}) => event)
    .findLast(({type}) => ['step.started', 'step.done', 'step.kept', 'step.lapsed', 'run.resumed'].includes(type));
  return last?.type === 'step.started' ? last.step : 'between steps';
}

/** Milliseconds that a step takes in the lab at least, on a machine with KVM too; the others are over at once. */
const stepMs: Readonly<Record<string, number>> = {
  isolate: 1500,
  boot: 8000,
  wipe: 6000,
  install: 10_000,
  network: 8000,
  verify: 3000,
};
/** Events of a step that may be met: a start, checkpoints, an effect's two, and for an install one checkpoint a second. */
const events = (step: string): number => (step === 'install' ? 10 : 4);

/** Draws where in `step` a sitting is to die: at an event, or, mostly where it lasts, at a time. */
export function drawCut(chance: Chance, step: string): Cut {
  const at = chance.next();
  const ms = stepMs[step];
  if (ms !== undefined && at < 0.75) return {step, afterMs: Math.round(chance.between(100, ms))};
  const side = chance.next() < 0.5 ? 'before' : 'after';
  // Before the first of its events the step has not begun.
  return {side, at: {within: step, nth: Math.floor(chance.between(side === 'before' ? 2 : 1, events(step) + 1))}};
}
