import {z} from 'zod';
import {labFaultSchema} from '../fault/lab-fault.ts';
import {strikeSchema} from '../fault/strike-log.ts';

/** What the keeper tells about the lab while it runs. */
export const statusSchema = z.object({
  pid: z.number(),
  power: z.enum(['on', 'off']),
  /** Times the machine was started since `lab up`. */
  starts: z.number(),
  medium: z.object({
    inserted: z.boolean(),
    /** Bytes that came over the line to the medium since it was inserted, HTTP headers included. */
    carriedBytes: z.number(),
    /** What ails it, in words; `whole` where nothing does. */
    line: z.string(),
  }),
  /** What ails the machine's network cable, in words. */
  cable: z.string(),
  /** What was really done to the machine through the BMC. */
  effects: z.object({inserts: z.number(), ejects: z.number(), resets: z.number(), drops: z.number()}),
  /** Connections that the lab's listeners took, by listener (`198.51.100.10:80`) and by where they came from. */
  contacts: z.record(z.string(), z.record(z.string(), z.number())),
  waitingFaults: z.array(labFaultSchema).readonly(),
  /** What struck and was mended, newest last: the last 200, all are in the lab's `strikes.jsonl`. */
  strikes: z.array(strikeSchema).readonly(),
});
export type LabStatus = Readonly<z.infer<typeof statusSchema>>;

/** What reached each disk since the lab came up, by the disk's name (`DiskCounts`). */
export const diskCountsSchema = z.record(
  z.string(),
  z.object({writtenBytes: z.number(), writes: z.number(), discardedBytes: z.number(), flushes: z.number()}),
);

export const powerOrder = z.object({power: z.enum(['on', 'off'])});

/** The keeper's refusal: the fault's own words. */
export const refusalSchema = z.object({says: z.string()});

export const routes = {
  status: '/status',
  power: '/power',
  fault: '/fault',
  script: '/script',
  disks: '/disks',
  screenshot: '/screenshot',
  end: '/end',
} as const;
