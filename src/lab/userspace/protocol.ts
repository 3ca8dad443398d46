import {z} from 'zod';
import type {EdgePolicy} from '../../step/world.ts';
import type {Port} from '../../runbook/runbook.ts';

const port = z.custom<Port>((value) => typeof value === 'string' && /^(?:tcp|udp)\/\d{1,5}$/.test(value));
const ports = z.array(port).readonly();
const admit = z.array(z.string()).readonly();

const policy: z.ZodType<EdgePolicy> = z.discriminatedUnion('mode', [
  z.strictObject({mode: z.literal('quarantine'), admit, reach: admit.exactOptional()}),
  z.strictObject({mode: z.literal('serving'), admit, open: ports, out: ports, block: ports}),
]);

/** The switch as it stands: the policy that it judges frames by, absent where it lets everything pass. */
export const standingSchema = z.strictObject({policy: policy.optional(), refused: z.number()});
export type Standing = Readonly<z.infer<typeof standingSchema>>;

/** Without a policy the one in force is taken away. */
export const enforceOrder = z.strictObject({policy: policy.optional()});

export const stationName = z.enum(['router', 'neighbour']);
export type StationName = z.infer<typeof stationName>;

/** From which station, to whom, to which TCP port. */
export const pathOrder = z.strictObject({
  station: stationName,
  address: z.string(),
  port: z.int().min(1).max(65_535),
});
export type PathOrder = Readonly<z.infer<typeof pathOrder>>;

export const reachAnswer = z.strictObject({reach: z.enum(['open', 'refused', 'silent'])});
/** A TCP port on 127.0.0.1. */
export const forwardAnswer = z.strictObject({local: z.number()});

/** What the keeper of a lab in user space answers beside `keeper/protocol.ts`. */
export const switchRoutes = {
  standing: 'GET /switch',
  enforce: 'POST /switch',
  knock: 'POST /knock',
  forward: 'POST /forward',
} as const;
