import {createHash} from 'node:crypto';
import type {Sha256} from '../../brand.ts';
import {policyOf, rulesOf} from '../../device/firewall/rules.ts';
import {fault} from '../../fault.ts';
import {canonical, type Json} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import {samePolicy} from '../../step/isolation/edge-policy.ts';
import type {Edge} from '../../step/world/edge.ts';
import type {SwitchControl} from './control.ts';

/** The lab's switch as the edge of its host. Faults: `edge.unreachable`, `edge.not-as-set`. */
export function switchEdge(control: Pick<SwitchControl, 'standing' | 'enforce'>): Edge {
  const policy: Edge['policy'] = async () => {
    const standing = await control.standing();
    return standing.ok ? ok(standing.value.policy) : unreachable(standing);
  };
  return {
    policy,
    refused: async () => {
      const standing = await control.standing();
      return standing.ok ? ok({packets: standing.value.refused}) : unreachable(standing);
    },
    flows: async () => {
      const standing = await control.standing();
      return standing.ok ? ok(standing.value.policy && standing.value.flows) : unreachable(standing);
    },
    digest: async () => {
      const standing = await control.standing();
      if (!standing.ok) return unreachable(standing);
      const text = canonical({policy: (standing.value.policy as Json | undefined) ?? null});
      return ok(createHash('sha256').update(text).digest('hex') as Sha256);
    },
    enforce: async (wanted) => {
      const rules = rulesOf(wanted);
      if (rules === undefined)
        return failed(fault('edge.not-as-set', `only IPv4 addresses can be admitted, not ${wanted.admit.join(', ')}`));
      const told = await control.enforce(wanted);
      if (!told.ok) return unreachable(told);
      const found = await policy();
      if (!found.ok) return found;
      return samePolicy(found.value, policyOf(rules))
        ? ok(undefined)
        : failed(fault('edge.not-as-set', 'the switch holds another policy than was set'));
    },
    lift: async () => {
      const told = await control.enforce(undefined);
      if (!told.ok) return unreachable(told);
      return told.value.policy === undefined
        ? ok(undefined)
        : failed(fault('edge.not-as-set', 'the switch still holds a policy'));
    },
  };
}

const unreachable = ({fault: {says}}: Extract<Result<never>, {ok: false}>): Result<never> =>
  failed(fault('edge.unreachable', `the lab's switch: ${says}`));
