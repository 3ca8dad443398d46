import type {Death} from '../real/kill/death.ts';

/** A moment in a rebuild at which a controller dies. */
export type Point =
  /** At a commit of the journal: the nth of the step's, or the run's own where there is no step. */
  | {readonly is: 'event'; readonly side: Side; readonly step: string | undefined; readonly nth: number}
  /** At an effect on the machine: the nth of this name in the step. */
  | {readonly is: 'effect'; readonly side: Side; readonly step: string; readonly what: string; readonly nth: number}
  /** So many milliseconds into the step. */
  | {readonly is: 'time'; readonly step: string; readonly afterMs: number};
export type Side = 'before' | 'after';

export function pointText(point: Point): string {
  if (point.is === 'time') return `${point.afterMs} ms into ${point.step}`;
  const what = point.is === 'effect' ? point.what : 'event';
  return `${point.side} ${what} ${point.nth} of ${point.step ?? 'the run'}`;
}

/** What the controller's process is armed with; undefined where it is killed from outside. */
export function deathAt(point: Point): Death | undefined {
  if (point.is === 'effect') return undefined;
  // Where the step is over sooner, at its end.
  if (point.is === 'time') return {side: 'before', at: {within: point.step}};
  const {side, step, nth} = point;
  if (step !== undefined) return {side, at: {step, nth}};
  return {side, at: nth === 1 ? {nth} : {text: '"run.done"'}};
}

/**
 * Points in as few rebuilds as may be, one a step in each, in the steps' order: a controller that resumes enters the steps
 * that are still to come as an undisturbed one does, and so each point is what it is without the ones before it.
 */
export function inChains(points: readonly Point[], steps: readonly string[]): readonly (readonly Point[])[] {
  const last = steps.length + 1;
  const rank = (point: Point): number => {
    if (point.step !== undefined) return steps.indexOf(point.step) + 1;
    return point.is === 'event' && point.nth === 1 ? 0 : last;
  };
  const queues = Array.from({length: last + 1}, (_, place) => points.filter((point) => rank(point) === place));
  const longest = Math.max(...queues.map(({length}) => length));
  return Array.from({length: longest}, (_, turn) => queues.flatMap((queue) => queue.slice(turn, turn + 1)));
}
