import {z} from 'zod';
import {edgePolicy} from '../../step/isolation/edge-policy.ts';

const flows = z
  .array(
    z.strictObject({protocol: z.string(), address: z.string(), port: z.number().exactOptional(), packets: z.number()}),
  )
  .readonly();
/** The switch as it stands: the policy that it judges frames by, absent where it lets everything pass. */
export const standingSchema = z.strictObject({
  policy: edgePolicy.optional(),
  refused: z.number(),
  flows: z.strictObject({tried: flows, passed: flows, full: z.boolean()}),
});
export type Standing = Readonly<z.infer<typeof standingSchema>>;

/** Without a policy the one in force is taken away. */
export const enforceOrder = z.strictObject({policy: edgePolicy.optional()});

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
