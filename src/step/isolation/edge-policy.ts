import {z} from 'zod';
import {canonical, type JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import {ports} from '../port/port.ts';
import type {Look} from '../world.ts';
import type {EdgePolicy} from '../world/edge.ts';

const places = z.array(z.string()).readonly();

/** A policy as it is written down: in a proof, or on its way to the lab's switch. */
export const edgePolicy: z.ZodType<EdgePolicy> = z.discriminatedUnion('mode', [
  z.strictObject({
    mode: z.literal('quarantine'),
    admit: places,
    reach: places.exactOptional(),
    resolver: places.exactOptional(),
  }),
  z.strictObject({mode: z.literal('blocking'), admit: places, block: ports}),
  z.strictObject({mode: z.literal('serving'), admit: places, open: ports, out: ports, block: ports}),
]);

/** Whether two policies admit, open, let out and block the same, whatever the order they are written in. */
export const samePolicy = (a: EdgePolicy | undefined, b: EdgePolicy | undefined): boolean =>
  a !== undefined && b !== undefined && text(a) === text(b);

/** Rules that somebody changed are no policy: they are replaced, and must not keep a host from being isolated. */
export async function readPolicy(look: Look): Promise<Result<EdgePolicy | undefined>> {
  const policy = await look.edge.policy();
  return !policy.ok && policy.fault.code === 'edge.not-as-set' ? ok(undefined) : policy;
}

const text = (policy: EdgePolicy): string => canonical(normal(policy));

function normal(policy: EdgePolicy): JsonObject {
  const {mode} = policy;
  const admit = sorted(policy.admit);
  switch (mode) {
    case 'quarantine':
      return {mode, admit, reach: sorted(policy.reach ?? []), resolver: sorted(policy.resolver ?? [])};
    case 'blocking':
      return {mode, admit, block: sorted(policy.block)};
    case 'serving':
      return {mode, admit, open: sorted(policy.open), out: sorted(policy.out), block: sorted(policy.block)};
    default:
      return policy satisfies never;
  }
}

const sorted = (list: readonly string[]): readonly string[] => [...new Set(list)].toSorted();
