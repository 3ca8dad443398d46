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
  return fault(code(request, reply, found), `the BMC answered ${reply.status}: ${says}`, {detail});
}

function code({method}: Request, reply: Reply, found: readonly Message[]): Fault['code'] {
  // Virtual media is a licensed feature on most servers; the refusal's text is the only sign of it.
  if (found.some(({id, says}) => /licen[cs]e/i.test(id) || /licen[cs]e/i.test(says))) return 'bmc.feature-missing';
  if (reply.status === 401 || has(found, 'PasswordChangeRequired')) return 'bmc.credentials-refused';
  if ([429, 502, 503, 504].includes(reply.status)) return 'bmc.unreachable';
  // A BMC that cannot even tell how things stand is not there; what it refuses to do may be refused for good.
  if (method === 'GET' && reply.status === 500) return 'bmc.unreachable';
  return 'bmc.refused';
}
