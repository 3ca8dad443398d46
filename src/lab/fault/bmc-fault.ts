import {z} from 'zod';
import {lasting, seconds, timing} from './moment.ts';

const count = z.int().positive();

export const bmcFaults = [
  /** It forgets its sessions and answers the next requests with 401. */
  z.object({fault: z.literal('bmc-401'), count, ...timing}),
  /** The next `count` requests, or all of the next seconds, are answered 500. */
  z.object({fault: z.literal('bmc-500'), count: count.exactOptional(), ...lasting, ...timing}),
  /** The same with 503 and Retry-After. */
  z.object({fault: z.literal('bmc-503'), count: count.exactOptional(), ...lasting, ...timing}),
  /** The next inserts are answered 204 and nothing is mounted (Dell). */
  z.object({fault: z.literal('bmc-no-mount'), count, ...timing}),
  /** After the medium is lost the slot goes on to say that it is inserted, until it is asked to eject (Dell). */
  z.object({fault: z.literal('bmc-stale-inserted'), ...lasting, ...timing}),
  /** An empty slot goes on to name the image that was in it (Supermicro). */
  z.object({fault: z.literal('bmc-stale-name'), ...lasting, ...timing}),
  /** The next resets are answered 204 and not done. */
  z.object({fault: z.literal('bmc-ignore-reset'), count, ...timing}),
  /** The next starts ignore the boot override, which the system showed until then. */
  z.object({fault: z.literal('bmc-forget-boot'), count, ...timing}),
  /** The next starts of the machine eject the medium (HPE: "ejected by: Server_Reboot"). */
  z.object({fault: z.literal('bmc-eject-on-reset'), count, ...timing}),
  /** Other clients hold every session there is. */
  z.object({fault: z.literal('bmc-sessions-full'), ...lasting, ...timing}),
  /** It goes down and comes back without its sessions, its medium and, with `clock: back`, the time. */
  z.object({fault: z.literal('bmc-reboot'), forSeconds: seconds, clock: z.enum(['kept', 'back']), ...timing}),
] as const;
