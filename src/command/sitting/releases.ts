import type {RunId, StepId} from '../../brand.ts';
import type {Journal} from '../../journal/journal.ts';
import type {Hand} from '../../step/step.ts';

/** Hears `rebuild release` from another terminal, or from before this sitting: what the journal says of a step's hold. */
export function releases(journal: Journal, run: RunId): (step: StepId) => ReturnType<Hand['released']> {
  const found = new Map<StepId, {readonly by: string; readonly why: string}>();
  let seen = 0;
  return async (step) => {
    const added = await journal.after(run, seen);
    for (const {seq, event} of added.ok ? added.value : []) {
      seen = Math.max(seen, seq);
      if (event.type === 'hold.released') found.set(event.step, {by: event.by, why: event.why});
    }
    return found.get(step);
  };
}
