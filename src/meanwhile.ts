import {systemClock} from './clock.ts';
import type {Progress, Tell} from './progress.ts';

/** Tells how far `work` is, as `look` finds it twice a second, until it ends. `look` never rejects. */
export async function meanwhile<T>(
  work: Promise<T>,
  look: () => Promise<Progress | undefined>,
  tell: Tell,
): Promise<T> {
  const over = new AbortController();
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const progress = await look();
      if (progress && !over.signal.aborted) tell(progress);
      await systemClock.sleep(500, over.signal);
    }
  };
  const watching = watch();
  try {
    return await work;
  } finally {
    over.abort();
    await watching;
  }
}
