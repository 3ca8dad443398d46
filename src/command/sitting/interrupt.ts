import type {Reporter} from '../../view/reporter.ts';

export interface Interrupt {
  readonly asked: () => boolean;
  readonly now: AbortSignal;
  /** As Ctrl-C does, from elsewhere: once, or at once twice. */
  ask(now: boolean): void;
  end(): void;
}

/**
 * Ctrl-C once, or the terminal gone: stop after this step. Twice: stop now, the step becomes unsure. `stopping` hears the
 * first, wherever it comes from.
 */
export function onInterrupt({say, stopping}: Pick<Reporter, 'say' | 'stopping'>): Interrupt {
  const now = new AbortController();
  let asked = 0;
  const hear = (): void => {
    asked++;
    if (asked > 1) return now.abort();
    say('stops after this step; its checkpoints are kept. Ctrl-C again: stop now, the step becomes unsure');
    stopping();
  };
  // A terminal that goes may say so several times; it is no second Ctrl-C.
  const hangUp = (): void => void (asked === 0 && hear());
  process.on('SIGINT', hear);
  process.on('SIGTERM', hear);
  process.on('SIGHUP', hangUp);
  return {
    asked: () => asked > 0,
    now: now.signal,
    ask: (atOnce) => {
      asked++;
      if (atOnce) now.abort();
      else stopping();
    },
    end: () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
      process.off('SIGHUP', hangUp);
    },
  };
}
