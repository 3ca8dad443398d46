import {once} from 'node:events';
import {stopOnSignal} from '../../src/command/stop-on-signal.ts';
import {exit} from '../../src/exit.ts';

/** What must not stay behind on the machine, whatever ends the bench: namespaces, mounts, a lab. */
const outstanding: (() => Promise<void>)[] = [];

/** Keeps an undoing until it is done: by the caller, or when a signal ends the bench. */
export function leftover(undo: () => Promise<void>): () => Promise<void> {
  outstanding.push(undo);
  return async () => {
    const place = outstanding.indexOf(undo);
    if (place >= 0) outstanding.splice(place, 1);
    await undo();
  };
}

export async function clearUpOnSignals(): Promise<void> {
  const stop = stopOnSignal();
  await once(stop, 'abort');
  // The newest first: a folder is unmounted after what lives in it has ended.
  for (const undo of outstanding.splice(0).toReversed()) await undo().catch(() => {});
  process.exit(exit.interrupted);
}
