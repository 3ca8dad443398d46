import {createHash} from 'node:crypto';
import {z} from 'zod';
import type {Serial, Sha256} from '../../brand.ts';
import type {Json, JsonObject} from '../../json.ts';
import {ok, type Result} from '../../result.ts';
import type {Ability, MediumFacts} from './medium.ts';
import {compared, glance, isWhole, lengthOf} from './sample.ts';
import type {Hand} from '../step.ts';
import {methodFacts, wipeMethodNames, type WipeMethod} from './method.ts';
import {comparedPlaces, seedOf, type Layout} from './places.ts';
import type {Look} from '../world.ts';
import type {Sample} from '../world/target.ts';

/** How much of a disk's content of before is remembered: as much as proves its erase, or enough to believe it. */
const depths = {compared, glance} as const;
type Depth = keyof typeof depths;

/** Of a digest, what is kept. That two contents have it in common would make an erase doubted, never believed. */
const keptBytes = 8;

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
  /** Of what the places are drawn. */
  seed: z.string(),
  /** Of `comparedPlaces`, in order: the beginnings of their digests, in base64. Absent where nothing is compared. */
  before: z.object({depth: z.enum(Object.keys(depths) as [Depth, ...Depth[]]), digests: z.base64()}).optional(),
});

/**
 * What was seen of a disk before its erase was sent, kept in the step's checkpoint: what lay on it can be compared with
 * what lies there afterwards, and its old partitions are read back although nothing names them any more.
 */
export type WipeProbe = z.infer<typeof probe>;

interface Subject {
  readonly serial: Serial;
  readonly name: string;
  /** Zeroes are written over it after its erase, and these are what is read back. */
  readonly mustBeZero: boolean;
}

/** Reads the disk. Of one that erases itself, places are digested: such an erase shows by what it changed. */
export async function probeMedium(
  look: Look,
  {serial, name, mustBeZero}: Subject,
  medium: MediumFacts,
  {method, seconds}: Ability,
  hand: Pick<Hand, 'progress'>,
): Promise<Result<WipeProbe>> {
  const {bus, vendor, model, firmware, wwn, rotational, sizeBytes, nativeBytes} = medium;
  const partitions = medium.partitions.map(({offset, length}) => ({offset, length}));
  const seed = seedOf(look.run.id, serial);
  const depth = depthFor(method, mustBeZero);
  const places = depth ? comparedPlaces({seed, sizeBytes, partitions}, depths[depth]) : [];
  const digests = depth
    ? await look.target.digests(serial, places, (done) =>
        hand.progress({says: `${name} reading what it holds`, done, of: places.length, unit: 'items'}),
      )
    : ok([]);
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
    partitions,
    seed,
    ...(depth && {before: {depth, digests: Buffer.concat(digests.value.map(kept)).toString('base64')}}),
  });
}

function depthFor(method: WipeMethod, mustBeZero: boolean): Depth | undefined {
  const {by, after} = methodFacts(method);
  if (by === 'host') return undefined;
  return after === 'any' && !mustBeZero ? 'compared' : 'glance';
}

/** Whether the places that held something hold it still. */
export type Change = 'all changed' | 'unchanged' | 'some changed' | 'nothing to tell by';

export interface Since {
  readonly change: Change;
  /** Places that held something before, and how many bytes they have; only these can tell. */
  readonly compared: number;
  readonly bytes: number;
  /** Places that were blank before: zeroes throughout, or ones, as flash that was never written may read. */
  readonly blank: number;
}

/** Compares what was there before with what is there now. A place that was blank says nothing. */
export async function changeSince(
  look: Look,
  {serial, name}: Pick<Subject, 'serial' | 'name'>,
  probe: WipeProbe,
  hand: Pick<Hand, 'progress'>,
): Promise<Result<Since>> {
  const all = remembered(probe);
  const telling = all.filter(({digest, place}) => !isBlank(digest, place.length));
  const blankOnes = all.length - telling.length;
  if (telling.length === 0) return ok({change: 'nothing to tell by', compared: 0, bytes: 0, blank: blankOnes});
  const places = telling.map(({place}) => place);
  const now = await look.target.digests(serial, places, (done) =>
    hand.progress({says: `${name} comparing`, done, of: places.length, unit: 'items'}),
  );
  if (!now.ok) return now;
  const changed = telling.filter(({digest}, index) => !digest.equals(kept(now.value[index] as Sha256))).length;
  const change = changed === telling.length ? 'all changed' : changed === 0 ? 'unchanged' : 'some changed';
  return ok({change, compared: telling.length, bytes: lengthOf(places), blank: blankOnes});
}

interface Remembered {
  readonly place: Sample;
  readonly digest: Buffer;
}

function remembered(probe: WipeProbe): readonly Remembered[] {
  if (!probe.before) return [];
  const digests = Buffer.from(probe.before.digests, 'base64');
  return comparedPlaces(layoutOf(probe), depths[probe.before.depth]).map((place, index) => ({
    place,
    digest: digests.subarray(index * keptBytes, (index + 1) * keptBytes),
  }));
}

export const layoutOf = ({seed, medium: {sizeBytes}, partitions}: WipeProbe): Layout => ({seed, sizeBytes, partitions});

/** Sections that the compared places were drawn from; 0 where none was drawn and the disk read whole. */
export const sectionsOf = ({before, medium}: WipeProbe): number =>
  before && !isWhole(medium.sizeBytes, depths[before.depth]) ? depths[before.depth].sections : 0;

const kept = (digest: Sha256): Buffer => Buffer.from(digest.slice(0, 2 * keptBytes), 'hex');

const blanks = new Map<number, readonly Buffer[]>();
function isBlank(digest: Buffer, length: number): boolean {
  const known =
    blanks.get(length) ??
    [0, 0xff].map((byte) => kept(createHash('sha256').update(Buffer.alloc(length, byte)).digest('hex') as Sha256));
  blanks.set(length, known);
  return known.some((each) => each.equals(digest));
}

/**
 * The probes of a step's checkpoint, by serial number. One in another shape is as if it were not there, and so is one
 * whose digests are of other places than this program draws.
 */
export function probesIn(checkpoint: JsonObject | undefined): Readonly<Record<string, WipeProbe>> {
  const read = z.object({disks: z.record(z.string(), probe)}).safeParse(checkpoint);
  if (!read.success) return {};
  const fits = (one: WipeProbe): boolean =>
    remembered(one).length * keptBytes === Buffer.from(one.before?.digests ?? '', 'base64').length;
  return Object.fromEntries(Object.entries(read.data.disks).filter(([, one]) => fits(one)));
}

export const checkpointOf = (probes: Readonly<Record<string, WipeProbe>>): JsonObject => ({
  disks: JSON.parse(JSON.stringify(probes)) as Json,
});
