import {fault, type Fault} from '../../fault.ts';
import type {Reply, Request} from './exchange.ts';
import {has, messages, type Message} from './messages.ts';

/** What an answer that is no success becomes: bounded, without what we sent in confidence. */
export function refusal(request: Request, reply: Reply, mask: (says: string) => string): Fault {
  const found = messages(reply.body);
  const says = mask(found[0]?.says || found[0]?.id || reply.plain || 'no reason given');
  const detail = {
    status: reply.status,
    request: `${request.method} ${request.path}`,
    messages: found.map(({id, says, resolution}) => ({
      id,
      says: mask(says),
      ...(resolution === undefined ? {} : {resolution: mask(resolution)}),
    })),
  };
  return fault(code(reply, found), `the BMC answered ${reply.status}: ${says}`, {detail});
}

function code(reply: Reply, found: readonly Message[]): Fault['code'] {
  // Virtual media is a licensed feature on most servers; the refusal's text is the only sign of it.
  if (found.some(({id, says}) => /licen[cs]e/i.test(id) || /licen[cs]e/i.test(says))) return 'bmc.feature-missing';
  if (reply.status === 401 || has(found, 'PasswordChangeRequired')) return 'bmc.credentials-refused';
  if (reply.status === 429 || reply.status === 502 || reply.status === 503 || reply.status === 504)
    return 'bmc.unreachable';
  return 'bmc.refused';
}
