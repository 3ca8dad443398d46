import type {Plan} from '../plan/plan.ts';
import type {PlanTimes, StepTime, TimeSource} from '../plan/times.ts';
import type {Forecast} from './block.ts';
import {count} from './count.ts';
import {duration, span} from './duration.ts';

/** What a live view may say of steps that have not run yet; those of which nothing bounds the time are left out. */
export const forecasts = ({steps, moving}: Plan): Forecast =>
  new Map(
    steps.flatMap(({id}) => {
      const time = moving?.times.steps[id];
      return time?.is === 'range' && time.to !== undefined && time.to > 0
        ? [[id, {from: time.from, to: time.to}] as const]
        : [];
    }),
  );

/** How long it takes, what says so, and whether that is within what was promised: sentences. */
export function timesText({steps, total}: PlanTimes, promiseSeconds: number | undefined): string {
  const {from, to, unknown, promise} = total;
  const rest = unknown.length ? ` and ${count(unknown.length, 'step')} of unknown length` : '';
  const unbounded = Object.values(steps).some((time) => time.is === 'range' && time.to === undefined);
  const known = Object.values(steps).filter(({is}) => is === 'range');
  // Where a time is not known in all, the parts of it that are still add up to something.
  const most = known.reduce((sum, time) => sum + (time.is === 'range' ? (time.to ?? 0) : 0), 0);
  const takes =
    known.length === 0
      ? 'Nothing is known of how long it takes'
      : unbounded
        ? `It takes ${duration(from)} at the least, with no end in sight${rest}`
        : `It takes ${span({from, to: to ?? Math.max(most, from)})}${rest}`;
  const promised = promiseSeconds === undefined ? '' : duration(promiseSeconds);
  const held = {
    none: '',
    within: `, within the ${promised} promised`,
    over: `, LONGER than the ${promised} promised`,
    open: `; promised are ${promised}`,
  }[promise];
  const sources = sourcesText(steps);
  return `${takes}${held}${sources === '' ? '' : `: ${sources}`}.`;
}

const isStated = (time: StepTime): boolean => time.is === 'range' && time.by === 'step' && time.to !== 0;

/** `wipe, install by 2 earlier runs; boot by the measured path; eject unknown`. */
function sourcesText(steps: PlanTimes['steps']): string {
  const named = (says: string, test: (time: StepTime) => boolean): readonly string[] => {
    const ids = Object.entries(steps).flatMap(([id, time]) => (test(time) ? [id] : []));
    return ids.length ? [`${ids.join(', ')} ${says}`] : [];
  };
  const by = (source: TimeSource, says: string): readonly string[] =>
    named(says, (time) => time.is === 'range' && time.by === source);
  const runs = Object.values(steps).map((time) => (time.is === 'range' ? (time.runs ?? 0) : 0));
  return [
    ...by('earlier runs', `by ${count(Math.max(0, ...runs), 'earlier run')}`),
    ...by('measured rates', 'by measured rates'),
    // A step that has nothing to do takes no time.
    ...named('by what such steps take anywhere, not measured here', isStated),
    ...named('unknown', ({is}) => is === 'unknown'),
  ].join('; ');
}
