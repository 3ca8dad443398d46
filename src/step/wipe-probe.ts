import {createHash} from 'node:crypto';
import {z} from 'zod';
import type {Instant, Serial, Sha256} from '../brand.ts';
import type {Json, JsonObject} from '../json.ts';
import {ok, type Result} from '../result.ts';
import type {Ability, MediumFacts} from './medium.ts';
import {methodFacts, wipeMethodNames, type WipeMethod} from './wipe-method.ts';
import type {Look, Sample} from './world.ts';

const places = 64;
const placeBytes = 64 * 1024;

const extent = z.object({offset: z.number(), length: z.number()});
const probe = z.object({
  method: z.enum(wipeMethodNames as [WipeMethod, ...WipeMethod[]]),
  seconds: z.number().optional(),
  begun: z.string(),
  medium: z.object({
    bus: z.string(),
    vendor: z.string(),
    model: z.string(),
    firmware: z.string(),
    wwn: z.string(),
    rotational: z.boolean(),
    sizeBytes: z.number(),
    nativeBytes: z.number().optional(),
  }),
  partitions: z.array(extent),
  before: z.array(extent.extend({digest: z.string()})),
});

/**
 * What was seen of a disk before its erase was sent, kept in the step's checkpoint: what lay on it can be compared with
 * what lies there afterwards, and its old partitions are read back although nothing names them any more.
 */
export type WipeProbe = z.infer<typeof probe>;

/** Reads the disk. Of one that erases itself, a few places are digested: such an erase shows only by what it changed. */
export async function probeMedium(
  look: Look,
  serial: Serial,
  medium: MediumFacts,
  {method, seconds}: Ability,
): Promise<Result<WipeProbe>> {
  const {bus, vendor, model, firmware, wwn, rotational, sizeBytes, nativeBytes, partitions} = medium;
  const spread = methodFacts(method).by === 'host' ? [] : spreadOver(sizeBytes);
  const digests = spread.length > 0 ? await look.target.digests(serial, spread) : ok([]);
  if (!digests.ok) return digests;
  return ok({
    method,
    ...(seconds !== undefined && {seconds}),
    begun: look.clock.now(),
    medium: {
      bus,
      vendor,
      model,
      firmware,
      wwn,
      rotational,
      sizeBytes,
      ...(nativeBytes !== undefined && {nativeBytes}),
    },
    partitions: partitions.map(({offset, length}) => ({offset, length})),
    before: spread.map((sample, index) => ({...sample, digest: digests.value[index] as Sha256})),
  });
}

/** Whether the places that held something hold it still. */
export type Change = 'all changed' | 'unchanged' | 'some changed' | 'nothing to tell by';

/** Compares what was there before with what is there now. A place that was blank says nothing. */
export async function changeSince(
  {target}: Look,
  serial: Serial,
  {before}: WipeProbe,
): Promise<Result<{readonly change: Change; readonly places: number}>> {
  const telling = before.filter(({digest, length}) => digest !== blank(length));
  if (telling.length === 0) return ok({change: 'nothing to tell by', places: 0});
  const now = await target.digests(serial, telling);
  if (!now.ok) return now;
  const changed = telling.filter(({digest}, index) => now.value[index] !== digest).length;
  const change = changed === telling.length ? 'all changed' : changed === 0 ? 'unchanged' : 'some changed';
  return ok({change, places: telling.length});
}

const blank = (length: number): string => createHash('sha256').update(new Uint8Array(length)).digest('hex');

function spreadOver(sizeBytes: number): readonly Sample[] {
  if (sizeBytes <= places * placeBytes) return [{offset: 0, length: sizeBytes}];
  const step = Math.floor((sizeBytes - placeBytes) / (places - 1) / 4096) * 4096;
  return Array.from({length: places}, (_, index) => ({offset: index * step, length: placeBytes}));
}

/** The probes of a step's checkpoint, by serial number. One in another shape is as if it were not there. */
export function probesIn(checkpoint: JsonObject | undefined): Readonly<Record<string, WipeProbe>> {
  const read = z.object({disks: z.record(z.string(), probe)}).safeParse(checkpoint);
  return read.success ? read.data.disks : {};
}

export const checkpointOf = (probes: Readonly<Record<string, WipeProbe>>): JsonObject => ({
  disks: JSON.parse(JSON.stringify(probes)) as Json,
});

export const begunAt = ({begun}: WipeProbe): Instant => begun as Instant;
