import type {Clock} from './clock.ts';
import {fault} from './fault.ts';
import {failed, type Result} from './result.ts';

// A BMC that starts again is away for one to three minutes, one that takes up a new firmware or checks itself for ten.
const pausesMs = [5_000, 5_000, 10_000, 20_000, 40_000, ...Array.from({length: 9}, () => 60_000)];

/**
 * An act that is begun again while the BMC is away, for some ten minutes. Only for looks, and for acts that look before
 * they do anything, so that the second beginning finds what the first one did.
 */
export async function enduring<T>(
  act: () => Promise<Result<T>>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<T>> {
  for (let away = 0; ; away++) {
    const done = await act();
    const pauseMs = pausesMs[away];
    if (done.ok || done.fault.code !== 'bmc.unreachable' || pauseMs === undefined) return done;
    await clock.sleep(pauseMs, signal);
    if (signal.aborted) return failed(fault('run.interrupted', 'interrupted while the BMC was away'));
  }
}
