import type {StepId} from '../brand.ts';
import type {Plan} from './plan.ts';
import {totalOf} from './times.ts';

/** The plan as a sitting shows it that stops after a step: what comes later is not reached. Its digest is the whole one's. */
export function stopAfter(plan: Plan, until: StepId | undefined): Plan {
  const last = plan.steps.findIndex(({id}) => id === until);
  if (until === undefined || last === -1) return plan;
  const steps = plan.steps.map((step, index) =>
    index <= last
      ? step
      : {
          ...step,
          effects: step.effects.map((effect) => ({
            ...effect,
            certainty: {is: 'not', because: `not reached: --until ${until}`} as const,
          })),
        },
  );
  const {moving} = plan;
  if (!moving) return {...plan, steps};
  const {steps: times} = moving.times;
  const reached = plan.steps.slice(0, last + 1).flatMap(({id}) => (times[id] ? [[id, times[id]] as const] : []));
  return {
    ...plan,
    steps,
    moving: {...moving, times: {steps: Object.fromEntries(reached), total: totalOf(reached, plan.promiseSeconds)}},
  };
}
