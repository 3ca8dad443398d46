import {createHash} from 'node:crypto';
import type {Sha256} from '../../../src/brand.ts';
import {fault} from '../../../src/fault.ts';
import {failed, ok, type Result} from '../../../src/result.ts';
import type {Edge, EdgePolicy} from '../../../src/step/world/edge.ts';

/**
 * A second kind of edge, to show what the interface asks of one: a managed switch that moves the host's port into a VLAN
 * of its own, and holds an access list there. What any edge has to bring:
 *
 * - a policy that can be read back from the device itself, not from what was sent to it (here: VLAN and list as set);
 * - one transaction that ends in the old state unless it is confirmed over a new connection: here the switch's own
 *   commit-confirmed, as Junos, Arista and others have it; with a provider's API, a change of the security group beside
 *   a timer on another machine; with nftables, `src/device/firewall/dead-man.ts`;
 * - a plain no, before anything is changed, to a policy that it cannot hold;
 * - `undefined` for `flows` where it does not count by destination: the steps then say less, and claim less.
 */
export interface ManagedSwitch {
  /** The running configuration of everything, as text. */
  running(): string;
  /** The port's VLAN, and who may be spoken with in it. */
  port(): {readonly vlan: number; readonly permit: readonly string[]};
  /** Takes effect at once and is taken back unless it is confirmed. */
  change(to: {readonly vlan: number; readonly permit: readonly string[]}): void;
  /** Over a connection of its own; false where none can be had. */
  confirm(): boolean;
  /** Packets that the access list has denied. */
  denied(): number;
}

export const vlan = {production: 10, quarantine: 999} as const;

export function vlanEdge(device: ManagedSwitch): Edge {
  const set = (to: {readonly vlan: number; readonly permit: readonly string[]}): Result<void> => {
    device.change(to);
    if (device.confirm()) return ok(undefined);
    return failed(fault('edge.reverted', 'the switch could not be reached anew, and has taken the change back'));
  };
  const policy = (): EdgePolicy | undefined => {
    const {vlan: at, permit} = device.port();
    return at === vlan.quarantine ? {mode: 'quarantine', admit: permit} : undefined;
  };
  return {
    policy: async () => ok(policy()),
    refused: async () => ok({packets: device.denied()}),
    flows: async () => ok(undefined),
    digest: async () => ok(createHash('sha256').update(device.running()).digest('hex') as Sha256),
    enforce: async (wanted) => {
      if (wanted.mode !== 'quarantine') return cannot('moves ports from one VLAN to another, and opens none of TCP');
      if (wanted.reach?.length || wanted.resolver?.length) return cannot('lets nobody out of its quarantine');
      const done = set({vlan: vlan.quarantine, permit: wanted.admit});
      if (!done.ok) return done;
      return policy()?.mode === 'quarantine' ? ok(undefined) : cannot('has not moved the port');
    },
    lift: async () => set({vlan: vlan.production, permit: []}),
  };
}

const cannot = (says: string): Result<never> => failed(fault('edge.not-as-set', `the switch ${says}`));
