import type {StepId} from '../brand.ts';
import type {Result} from '../result.ts';
import type {Proof} from '../step/step.ts';
import type {StepHeading} from './event.ts';

/**
 * Checks of done steps, asked of the world all at once: they only read, and each mostly waits for another device. Their
 * outcomes are taken one after the other, as `decide` asks for them. What was read ahead and failed is read anew in its
 * turn, since a step before it may have been put right meanwhile; then everything after it is read anew too.
 */
export function lookAhead(check: (step: StepHeading) => Promise<Result<Proof>>) {
  const early = new Map<StepId, Promise<Result<Proof>>>();
  return {
    begin(steps: readonly StepHeading[]): void {
      for (const step of steps) {
        const reading = check(step);
        // Not everything begun is asked for in the end; what is asked for still throws there.
        reading.catch(() => undefined);
        early.set(step.id, reading);
      }
    },
    async outcome(step: StepHeading): Promise<Result<Proof>> {
      const read = await early.get(step.id);
      if (read?.ok) return read;
      early.clear();
      return check(step);
    },
  };
}
