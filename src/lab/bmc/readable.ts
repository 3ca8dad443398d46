import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';

const answerMs = 10_000;

/** Whether a server hands out `url` in ranges, as QEMU's HTTP driver reads it. */
export async function readable(url: string): Promise<Result<void>> {
  try {
    const {ok: found, status, headers} = await fetch(url, {method: 'HEAD', signal: AbortSignal.timeout(answerMs)});
    if (!found) return failed(fault('lab.failed', `the server answered ${status}`));
    if (headers.get('accept-ranges') !== 'bytes')
      return failed(fault('lab.failed', 'the server does not offer byte ranges'));
    return ok(undefined);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return failed(fault('lab.failed', `no answer: ${cause instanceof Error ? cause.message : String(cause)}`));
  }
}
