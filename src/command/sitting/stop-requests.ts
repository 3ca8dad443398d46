import type {RunId} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import type {Journal} from '../../journal/journal.ts';
import type {Interrupt} from './interrupt.ts';

export interface StopRequests {
  /** Reads what has been asked by now: called before a step, so that a request that is durable is heeded. */
  look(): Promise<void>;
  end(): Promise<void>;
}

const everyMs = 1000;

/** Hears `rebuild stop` from another terminal: a request in the journal after entry `from` is as good as Ctrl-C here. */
export function hearStopRequests(
  journal: Journal,
  run: RunId,
  from: number,
  {clock, interrupt, say}: {readonly clock: Clock; readonly interrupt: Interrupt; readonly say: (line: string) => void},
): StopRequests {
  const over = new AbortController();
  let seen = from;

  async function look(): Promise<void> {
    const added = await journal.after(run, seen);
    // A journal that cannot be read cannot be written either, which the run finds out by itself.
    if (!added.ok) return;
    for (const {seq, event} of added.value) {
      if (seq <= seen) continue;
      seen = seq;
      if (event.type !== 'run.stop-asked') continue;
      say(`${event.by} asks to stop ${event.now ? 'now; the step becomes unsure' : 'after this step'}`);
      interrupt.ask(event.now);
    }
  }

  const looking = (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(everyMs, over.signal);
      if (!over.signal.aborted) await look();
    }
  })();

  return {
    look,
    end: async () => {
      over.abort();
      await looking;
    },
  };
}
