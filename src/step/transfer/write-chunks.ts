import {createHash} from 'node:crypto';
import {fault} from '../../fault.ts';
import type {Moved} from '../../plan/link.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {chunkSet, indices, without, type ChunkSet} from './chunk-set.ts';
import {interrupted} from '../interrupted.ts';
import {followMoves} from '../isolation/admit.ts';
import {secondsBetween} from '../interruption.ts';
import {closeReach, reaching} from './reach.ts';
import type {JsonObject} from '../../json.ts';
import type {Hand} from '../step.ts';
import type {Look, World} from '../world.ts';
import type {Chunk, DiskImage, ImageSource} from '../world/image.ts';
import type {TargetFacts} from '../world/target.ts';

/** Progress inside an install. `written` chunks were read back with the right digest under light system `bootId`. */
export type Checkpoint =
  | {
      readonly phase: 'writing';
      readonly image: string;
      readonly bootId: string;
      readonly written: ChunkSet;
      /** Compressed bytes acknowledged, over all attempts. */
      readonly sent: number;
    }
  /** Every chunk was read back; from here on the file system changes, so chunk digests no longer hold. */
  | {readonly phase: 'fitting'; readonly image: string; readonly sent: number};

export interface WriteOptions {
  /** Servers that the target may fetch the chunks from; without one that answers, the controller sends them by SSH. */
  readonly from?: readonly ImageSource[];
  /** What the target has answered already. */
  readonly answers?: TargetAnswers;
}

/** Which light system answers, and which chunks of the image it says it has read back. */
export interface TargetAnswers {
  readonly hello: Result<TargetFacts>;
  readonly since: Result<readonly number[]>;
}

/** What `writeChunks` wants to know first. Reads only. */
export async function askTarget(
  {target}: Look,
  serial: DiskSpec['serial'],
  image: DiskImage,
  saved: JsonObject | Checkpoint | undefined,
): Promise<TargetAnswers> {
  const at = saved as Checkpoint | undefined;
  const begun = at?.phase === 'writing' && at.image === image.digest;
  const [hello, since] = await Promise.all([target.hello(), begun ? target.written(serial, image.digest) : ok([])]);
  return {hello, since};
}

const checkpointOf = (hand: Hand): Checkpoint | undefined => hand.at as Checkpoint | undefined;

/** What a finished writing came to. */
export interface Written {
  readonly bytesSent: number;
  readonly chunksKept: number;
  readonly readAgain: number;
  /** What this attempt brought, and how long that took without the cuts: how fast the link is. */
  readonly moved?: Moved;
}

// Of what was written since, the light system has its own record, and after its restart the disk is read.
const saveEveryMs = 1000;

/** Brings what is not there yet. What is there is decided by the disk, read back; the checkpoint only says where to look. */
export async function writeChunks(
  world: World,
  disk: DiskSpec,
  image: DiskImage,
  hand: Hand,
  {from = [], answers}: WriteOptions = {},
): Promise<Result<Written>> {
  const at = checkpointOf(hand);
  if (at?.phase === 'fitting' && at.image === image.digest) {
    const closed = from.length > 0 ? await closeReach(world) : ok(undefined);
    return closed.ok ? ok({bytesSent: at.sent, chunksKept: image.chunks.length, readAgain: 0}) : closed;
  }
  return reaching(world, from, hand, (open) =>
    bring(world, disk, image, hand, {from: open, at, ...(answers && {answers})}),
  );
}

interface Bringing {
  readonly from: readonly ImageSource[];
  /** How far it came before: in an earlier attempt, or in this one from where the controller was then. */
  readonly at: Checkpoint | undefined;
  readonly answers?: TargetAnswers;
}

async function bring(
  world: World,
  disk: DiskSpec,
  image: DiskImage,
  hand: Hand,
  {from, at, answers}: Bringing,
): Promise<Result<Written>> {
  const {serial, name} = disk;
  const {hello, since} = answers ?? (await askTarget(world, serial, image, at));
  if (!hello.ok) return hello;
  const {bootId} = hello.value;

  const kept = await alreadyThere(world, serial, image, {bootId, since, at}, hand);
  if (!kept.ok) return kept;
  const written = new Set(kept.value);
  const earlier = at?.sent ?? 0;
  let done = 0;
  const reached = (there: Iterable<number> = written, under = bootId) =>
    ({
      phase: 'writing',
      image: image.digest,
      bootId: under,
      written: chunkSet(there),
      sent: earlier + done,
    }) satisfies Checkpoint;
  const save = () => hand.save(reached());
  // Before the first byte: without a checkpoint nothing can have been written.
  await save();
  let saved = -Infinity;
  const want = without(image.chunks, written);
  const moves = followMoves(world, hand);
  const sending = world.clock.ticks();
  let cutSeconds = 0;
  const of = want.reduce((sum, chunk) => sum + chunk.packedLength, 0);
  const sent = await world.target.write(serial, {
    image,
    want,
    from,
    packed: (chunk) => packedBytes(world, image, chunk),
    written: async (chunk) => {
      written.add(chunk.index);
      done += chunk.packedLength;
      hand.progress({says: `writing ${name}`, done, of, unit: 'bytes'});
      if (world.clock.ticks() - saved < saveEveryMs && written.size < image.chunks.length) return;
      saved = world.clock.ticks();
      await save();
    },
    note: (says) => hand.note(says),
    cut: (cut) => {
      cutSeconds += cut.seconds;
      return hand.interrupted({cause: 'link cut', ...cut, over: true});
    },
    signal: hand.signal,
  });
  if (!sent.ok) return (await moves.follow()) ? bring(world, disk, image, hand, {from, at: reached()}) : sent;
  if (hand.signal.aborted) return interrupted();
  const seconds = Math.max(0, secondsBetween(sending, world.clock.ticks()) - cutSeconds);

  // Each chunk was read back as it was written. What a later write might have hit by mistake shows here.
  const again = readAgain(image.chunks, world.run.id);
  const differing = await differs(world, serial, again, (done) =>
    hand.progress({says: `reading ${name} back`, done, of: again.length, unit: 'items'}),
  );
  if (!differing.ok) return differing;
  const [first] = differing.value;
  if (first) {
    // What this light system said of its chunks does not hold: the next attempt asks the disk about all of them.
    await hand.save(reached([], 'none'));
    return failed(
      fault(
        'os.differs',
        `${differing.value.length} chunks differ from the manifest, the first at byte ${first.offset}`,
      ),
    );
  }
  return ok({
    bytesSent: earlier + sent.value.bytesSent,
    chunksKept: kept.value.size,
    readAgain: again.length,
    moved: {bytes: sent.value.bytesSent, seconds},
  });
}

/** About one chunk in eight, drawn from the run's id so that anyone can draw them again, and the last. */
function readAgain(chunks: readonly Chunk[], seed: string): readonly Chunk[] {
  const drawn = ({index}: Chunk) => (createHash('sha256').update(`${seed}/${index}`).digest()[0] ?? 0) < 32;
  return chunks.filter((chunk) => chunk === chunks.at(-1) || drawn(chunk));
}

/**
 * Chunks that need not be sent. Those stand that this light system read back for this image, whether a checkpoint says
 * so or only its own record: a controller may have died between the two. Under another light system, or after another
 * image, the disk is read.
 */
async function alreadyThere(
  world: World,
  serial: DiskSpec['serial'],
  image: DiskImage,
  {bootId, since, at}: {readonly bootId: string; readonly since: TargetAnswers['since']} & Pick<Bringing, 'at'>,
  hand: Hand,
): Promise<Result<ReadonlySet<number>>> {
  // Nothing is written but to what this run has wiped, so an older run's image is never there: without an attempt of this
  // step the disk is blank.
  if (!at) return ok(new Set());
  const there =
    at?.phase === 'writing' && at.image === image.digest && at.bootId === bootId
      ? readBackBefore(image, at.written, since)
      : await onDisk(world, serial, image, hand);
  if (!there.ok) return there;
  await hand.note(`${there.value.size} of ${image.chunks.length} chunks are on the disk and are not sent again`, {
    kept: there.value.size,
  });
  return there;
}

/** What the checkpoint says or the light system's own record; a fault where that could not be read. */
function readBackBefore(
  {chunks}: DiskImage,
  checkpoint: ChunkSet,
  since: Result<readonly number[]>,
): Result<ReadonlySet<number>> {
  if (!since.ok) return since;
  const known = new Set(chunks.map(({index}) => index));
  return ok(known.intersection(indices(checkpoint).union(new Set(since.value))));
}

async function onDisk(
  world: World,
  serial: DiskSpec['serial'],
  {chunks}: DiskImage,
  hand: Hand,
): Promise<Result<ReadonlySet<number>>> {
  const differing = await differs(world, serial, chunks, (done) =>
    hand.progress({says: 'reading what is there', done, of: chunks.length, unit: 'items'}),
  );
  if (!differing.ok) return differing;
  const absent = new Set(differing.value);
  return ok(new Set(chunks.filter((chunk) => !absent.has(chunk)).map(({index}) => index)));
}

async function packedBytes(world: World, image: DiskImage, chunk: Chunk): Promise<Uint8Array> {
  for await (const {data} of world.shelf.chunks(image, [chunk])) return data;
  throw new Error(`the shelf gave no chunk ${chunk.index} of ${image.digest}`);
}

async function differs(
  look: Look,
  serial: DiskSpec['serial'],
  chunks: readonly Chunk[],
  progress: (done: number) => void,
): Promise<Result<readonly Chunk[]>> {
  if (chunks.length === 0) return ok([]);
  const read = await look.target.digests(serial, chunks, progress);
  return read.ok ? ok(chunks.filter((chunk, index) => read.value[index] !== chunk.raw)) : read;
}
