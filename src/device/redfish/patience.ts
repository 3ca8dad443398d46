import type {Clock} from '../../clock.ts';
import {fault, type Fault} from '../../fault.ts';
import {failed, type Result} from '../../result.ts';
import type {Exchange, Reply, Request} from './exchange.ts';
import {has, messages} from './messages.ts';

/**
 * Refusals that pass by themselves. Dell SYS518: iDRAC is not ready (its Lifecycle Controller still starts).
 * HPE: iLO refuses changes during the server's self-test. ServiceInUse, ResourceInUse-like answers of others come as 503.
 */
const passing = [
  'SYS518',
  'UnableToModifyDuringSystemPOST',
  'InvalidOperationForSystemState',
  'ServiceTemporarilyUnavailable',
] as const;

const readTries = 4;
const writeTries = 8;

/** The same exchange, repeated as `patience` allows; where nobody answers, only if a BMC is known to be there. */
export function patiently(exchange: Exchange, clock: Clock, known: 'known' | 'unknown' = 'known'): Exchange {
  return async (request, signal) => {
    for (let tried = 1; ; tried++) {
      const outcome = await exchange(request, signal);
      const waitMs = !outcome.ok && known === 'unknown' ? undefined : patience(request, outcome, tried);
      if (waitMs === undefined) return outcome;
      await clock.sleep(waitMs, signal);
      if (signal.aborted) return failed(fault('run.interrupted', 'interrupted while waiting for the BMC'));
    }
  };
}

/**
 * Milliseconds to wait before the same request may be sent again, or undefined when it may not. Pure.
 * A read may be repeated after any trouble of the BMC. A write only when the BMC said that it did not take it:
 * after a 500 or a lost answer it may have been done, and only the state can tell.
 */
export function patience(request: Request, outcome: Result<Reply>, tried: number): number | undefined {
  const reading = request.method === 'GET';
  if (tried >= (reading ? readTries : writeTries)) return undefined;
  if (!outcome.ok) return reading && lost(outcome.fault) ? 3_000 : undefined;
  const {status, body, headers} = outcome.value;
  if (status < 400) return undefined;
  const asked = retryAfterMs(headers['retry-after']);
  if (has(messages(body), ...passing)) return asked ?? Math.min(60_000, 5_000 * 2 ** (tried - 1));
  if (status === 429 || (status === 503 && asked !== undefined)) return asked ?? 5_000;
  return reading && status >= 500 && status !== 501 ? (asked ?? 3_000) : undefined;
}

const lost = (fault: Fault): boolean => fault.code === 'bmc.unreachable';

/** `Retry-After` in seconds, held between 1 s and a minute; the form with a date needs the BMC's clock to be right. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d{1,9}$/.test(header)) return undefined;
  return Math.min(60_000, Math.max(1_000, Number(header) * 1_000));
}
