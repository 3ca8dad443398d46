import {z} from 'zod';
import {lasting, timing} from './moment.ts';

/**
 * `medium`: the TCP line over which the machine's CD drive reads. `host`: the machine's own network cable.
 * What each fault means on each is said in `line-strike.ts`.
 */
const on = z.enum(['medium', 'host']);

export const lineFaults = [
  /** The BMC loses the medium and says so. */
  z.object({fault: z.literal('eject'), ...timing}),
  /** Medium: connections break, new ones are refused, and the BMC goes on to say `Inserted`. Host: no carrier. */
  z.object({fault: z.literal('cut'), on, ...lasting, ...timing}),
  /** What is sent waits, and arrives once the line is whole. */
  z.object({fault: z.literal('stall'), on, ...lasting, ...timing}),
  z.object({fault: z.literal('throttle'), on, bytesPerSecond: z.int().positive(), ...lasting, ...timing}),
  /** One way, each way: a round trip takes twice as long. */
  z.object({
    fault: z.literal('delay'),
    on,
    delaySeconds: z.number().positive(),
    jitterSeconds: z.number().nonnegative().exactOptional(),
    ...lasting,
    ...timing,
  }),
  z.object({fault: z.literal('loss'), on, percent: z.number().positive().max(100), ...lasting, ...timing}),
  /** Every open connection is reset; new ones are taken. */
  z.object({fault: z.literal('reset'), on, ...timing}),
  /** What is sent vanishes and nobody is told. */
  z.object({fault: z.literal('drop'), on, ...lasting, ...timing}),
] as const;
