import {readFileSync} from 'node:fs';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';

export type NetworkKind = 'namespaces' | 'userspace';

/** Names the kind of network, whatever this process may do. */
export const networkVariable = 'REBUILD_LAB_NETWORK';

export interface Powers {
  readonly uid: number | undefined;
  /** The process's effective capabilities, as /proc shows them: hexadecimal. */
  readonly capabilities: string;
}

// capability.h: what `ip netns add` and every wire need.
const netAdmin = 12n;
const sysAdmin = 21n;

/** Network namespaces where this process may make them, as root in a container may not; else a switch in user space. */
export function chooseNetwork(
  wanted: string | undefined = process.env[networkVariable],
  powers: Powers = ownPowers(),
): Result<NetworkKind> {
  if (wanted === 'namespaces' || wanted === 'userspace') return ok(wanted);
  if (wanted !== undefined && wanted !== '')
    return failed(fault('lab.usage', `${networkVariable} is namespaces or userspace, not ${wanted}`));
  const held = BigInt(`0x${powers.capabilities || '0'}`);
  const holds = (capability: bigint): boolean => ((held >> capability) & 1n) === 1n;
  return ok(powers.uid === 0 && holds(netAdmin) && holds(sysAdmin) ? 'namespaces' : 'userspace');
}

function ownPowers(): Powers {
  const uid = process.getuid?.();
  try {
    const [, capabilities = ''] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return {uid, capabilities};
  } catch {
    return {uid, capabilities: ''};
  }
}
