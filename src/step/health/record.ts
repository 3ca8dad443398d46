import {z} from 'zod';
import type {JsonObject} from '../../json.ts';
import type {DriveHealth} from './drive.ts';
import type {DriveMap} from './drive-map.ts';

const seat = {slot: z.string(), serial: z.string(), model: z.string(), phyErrors: z.number().exactOptional()};
const drive = z.discriminatedUnion('answer', [
  z.object({
    ...seat,
    answer: z.literal('told'),
    passed: z.boolean().exactOptional(),
    powerOnHours: z.number().exactOptional(),
    linkErrors: z.number().exactOptional(),
    mediaErrors: z.number().exactOptional(),
    warning: z.number().exactOptional(),
  }),
  z.object({...seat, answer: z.enum(['unsupported', 'silent']), why: z.string()}),
]);
const record = z.object({
  drives: z.array(drive),
  maps: z.array(z.object({source: z.string(), slots: z.record(z.string(), z.string())})),
  told: z.boolean().exactOptional(),
});

/** What was read of all drives at one time, in a checkpoint of the step and in its proof. */
export interface HealthRecord {
  readonly drives: readonly DriveHealth[];
  readonly maps: readonly DriveMap[];
  /**
   * A person has been told what was wrong by then. What the counters had come to is past: only what they rise by from
   * then on says whether it was mended. Drives must still be where they were.
   */
  readonly told?: boolean;
}

export const recordData = ({drives, maps, told}: HealthRecord): JsonObject => ({
  drives: drives.map((one) => ({...one})),
  maps: maps.map((one) => ({...one})),
  ...(told !== undefined && {told}),
});

export const recorded = (data: JsonObject | undefined): HealthRecord | undefined => record.safeParse(data).data;
