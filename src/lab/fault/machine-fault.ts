import {z} from 'zod';
import {lasting, timing} from './moment.ts';

/** By its name in the runbook, or its serial number. */
const disk = z.string();

export const machineFaults = [
  /** The power goes; with `forSeconds` it comes back. */
  z.object({fault: z.literal('power-loss'), ...lasting, ...timing}),
  /** The reset button. */
  z.object({fault: z.literal('machine-reset'), ...timing}),
  /** It stands still, and its own clock with it. */
  z.object({fault: z.literal('machine-freeze'), ...lasting, ...timing}),
  z.object({fault: z.literal('disk-slow'), disk, bytesPerSecond: z.int().positive(), ...lasting, ...timing}),
  /** Every write fails with EIO: all of them, or those that touch the sector at `atByte`. `mend` heals the disk. */
  z.object({
    fault: z.literal('disk-errors'),
    disk,
    atByte: z.int().nonnegative().exactOptional(),
    ...lasting,
    ...timing,
  }),
  /** Another disk in its bay: a running system keeps the one it started with, the BMC shows the new one at once. */
  z.object({fault: z.literal('disk-swap'), disk, serial: z.string(), ...lasting, ...timing}),
  /** The battery-backed clock is wrong by so much from the next start on: a running system has read it already. */
  z.object({fault: z.literal('clock-jump'), bySeconds: z.number(), ...timing}),
] as const;
