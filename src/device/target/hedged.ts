import type {Result} from '../../result.ts';
import type {SshSession} from '../ssh/session.ts';

type Connect = (signal: AbortSignal) => Promise<Result<SshSession>>;

/**
 * Connects, and where that has not ended after `afterMs` tries a second time beside it: a lost first packet is sent
 * again only after a second or more. The first session wins, the other is closed; a fault once both have failed.
 */
export async function hedged(connect: Connect, afterMs: number, signal: AbortSignal): Promise<Result<SshSession>> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const {promise: late, resolve} = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), afterMs);
  const first = connect(either);
  try {
    const soon = await Promise.race([first, late]);
    if (soon) return soon;
    const second = connect(either);
    const winner = await Promise.any([first, second].map(good)).catch(() => first);
    for (const attempt of [first, second])
      void attempt.then((result) => {
        if (result.ok && !(winner.ok && winner.value === result.value)) result.value.close();
      });
    return winner;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

/** Rejects where the attempt fails, so that among several any may win. */
async function good(attempt: Promise<Result<SshSession>>): Promise<Result<SshSession>> {
  const result = await attempt;
  if (result.ok) return result;
  throw new Error(result.fault.says);
}
