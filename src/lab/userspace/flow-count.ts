import {remembered} from '../../device/firewall/witness.ts';
import {ipv4Text} from '../../runbook/ipv4.ts';
import type {Flow, Flows} from '../../step/world/edge.ts';
import type {Segment} from './packet.ts';

/** What the gateway's witness (`device/firewall/witness.ts`) counts, counted by a switch. */
export function flowCount() {
  const lists = {tried: new Map<string, Flow>(), passed: new Map<string, Flow>()};
  return {
    tried: (segment: Segment) => count(lists.tried, segment),
    passed: (segment: Segment) => count(lists.passed, segment),
    seen: (): Flows => ({
      tried: [...lists.tried.values()],
      passed: [...lists.passed.values()],
      full: [lists.tried, lists.passed].some(({size}) => size >= remembered),
    }),
  };
}

const count = (list: Map<string, Flow>, {protocol, to, port}: Segment): void => {
  const address = ipv4Text(to);
  const key = `${protocol} ${address} ${port}`;
  const packets = (list.get(key)?.packets ?? 0) + 1;
  if (packets > 1 || list.size < remembered) list.set(key, {protocol, address, port, packets});
};
