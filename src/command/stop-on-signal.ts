import {exit} from '../exit.ts';

/** Aborts at Ctrl-C or SIGTERM, so that what is under way can clear up; at the second one the program ends as it is. */
export function stopOnSignal(): AbortSignal {
  const stop = new AbortController();
  const hear = (): void => {
    if (stop.signal.aborted) process.exit(exit.interrupted);
    stop.abort();
  };
  // Not `once`: while execa runs something, a signal that has no other listener left ends this program at once
  // (signal-exit, which execa ends its children with).
  process.on('SIGINT', hear).on('SIGTERM', hear);
  return stop.signal;
}
