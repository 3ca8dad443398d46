import {createHash} from 'node:crypto';
import {z} from 'zod';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec} from '../runbook/runbook.ts';
import {chunkSet, indices, without, type ChunkSet} from './chunk-set.ts';
import {mistakesInDisk, pick, probeDisks, specsOf} from './disk.ts';
import {interrupted} from './interrupted.ts';
import type {Hand, Mistake, Step} from './step.ts';
import type {Chunk, Look, OsImage, World} from './world.ts';

const params = z.strictObject({
  image: z
    .string()
    .default('debian')
    .describe('The OS image: `debian` is built from the machine’s own Debian packages.'),
  disk: z
    .string()
    .describe('Name from `disks` of the disk that gets the system; an earlier disk.wipe must name it too.'),
});
type Params = z.infer<typeof params>;
type Facts = {readonly image: string; readonly bytes: number; readonly packed: number; readonly model: string | null};

/** Progress inside an install. `written` chunks were read back with the right digest under light system `bootId`. */
type Checkpoint =
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

export const osInstall: Step<Params, Facts> = {
  kind: 'os.install',
  summary: 'Writes the OS image to the wiped disk in verified chunks, reads them back, and makes it this host.',
  irreversible: true,
  heldUntil: ['network.restore'],
  params,

  check({disk}, runbook): readonly Mistake[] {
    const mistakes = mistakesInDisk(disk, ['disk'], runbook);
    if (mistakes.length) return mistakes;
    const wiped = runbook.steps.some(
      ({kind, params: other}) => kind === 'disk.wipe' && Array.isArray(other['disks']) && other['disks'].includes(disk),
    );
    return wiped
      ? []
      : [{path: ['disk'], says: `no disk.wipe step names disk "${disk}", so its old content would show`}];
  },

  async probe(look, {image, disk}) {
    const os = await look.shelf.os(image);
    if (!os.ok) return os;
    const [spec] = specsOf([disk], look.runbook);
    const models = await probeDisks(look, spec ? [spec] : []);
    if (!models.ok) return models;
    const model = spec && models.value?.[spec.serial];
    return ok({image: os.value.digest, bytes: os.value.sizeBytes, packed: os.value.packedBytes, model: model ?? null});
  },

  plan: ({image, disk}, facts, runbook) =>
    specsOf([disk], runbook).map((spec) => ({
      id: `write:${spec.serial}`,
      says: `${image} ${facts.image.slice(0, 12)}, ${Math.ceil(facts.packed / 1e6)} MB to send`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: true,
      disk: {
        name: spec.name,
        serial: spec.serial,
        sizeBytes: spec.sizeBytes,
        ...(facts.model ? {model: facts.model} : {}),
      },
    })),

  async apply(world, {image, disk}, hand) {
    const os = await world.shelf.os(image);
    if (!os.ok) return os;
    const [spec] = specsOf([disk], world.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    const disks = await world.target.disks();
    if (!disks.ok) return disks;
    const found = pick(disks.value, spec);
    if (!found.ok) return found;

    const latch = await world.target.latch(spec.serial);
    if (!latch.ok) return latch;
    if (latch.value?.run !== world.run.id)
      return failed(fault('target.refused', `${spec.serial} carries no record that this run wiped it`));
    if (latch.value.state === 'installed') return ok({says: 'installed earlier', data: {bytesSent: 0}});

    const begun = world.clock.ticks();
    const sent = await write(world, spec, os.value, hand);
    if (!sent.ok) return sent;
    const fitted = await fit(world, spec, os.value, sent.value.bytesSent, hand);
    if (!fitted.ok) return fitted;
    const seconds = Math.round((world.clock.ticks() - begun) / 1000);
    return ok({says: 'installed', data: {...sent.value, chunks: os.value.chunks.length, seconds}});
  },

  async verify(look, {image, disk}) {
    const os = await look.shelf.os(image);
    if (!os.ok) return os;
    const [spec] = specsOf([disk], look.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    const latch = await look.target.latch(spec.serial);
    if (!latch.ok) return latch;
    if (latch.value?.run !== look.run.id || latch.value.state !== 'installed')
      return failed(fault('os.differs', `${spec.serial} carries no record of a finished install of this run`));
    const read = await look.target.installed(spec.serial, ['/etc/rebuild/image']);
    if (!read.ok) return read;
    return read.value[0]?.includes(os.value.digest)
      ? ok({
          says: `every chunk read back: ${image} ${os.value.digest.slice(0, 12)}`,
          data: {image: os.value.digest, hostKey: look.run.hostPin},
        })
      : failed(fault('os.differs', 'the installed system does not name the image that was written'));
  },
};

const checkpointOf = (hand: Hand): Checkpoint | undefined => hand.at as Checkpoint | undefined;

/** Sends what is not there yet. What is there is decided by the disk, read back; the checkpoint only says where to look. */
async function write(
  world: World,
  {serial, name}: DiskSpec,
  image: OsImage,
  hand: Hand,
): Promise<Result<{readonly bytesSent: number; readonly chunksKept: number; readonly readAgain: number}>> {
  const at = checkpointOf(hand);
  if (at?.phase === 'fitting' && at.image === image.digest)
    return ok({bytesSent: at.sent, chunksKept: image.chunks.length, readAgain: 0});
  const hello = await world.target.hello();
  if (!hello.ok) return hello;
  const {bootId} = hello.value;

  const kept = await alreadyThere(world, serial, image, bootId, hand);
  if (!kept.ok) return kept;
  const written = new Set(kept.value);
  const earlier = at?.sent ?? 0;
  let done = 0;
  const save = (there: Iterable<number> = written) =>
    hand.save({
      phase: 'writing',
      image: image.digest,
      bootId,
      written: chunkSet(there),
      sent: earlier + done,
    } satisfies Checkpoint);
  // Before the first byte: without a checkpoint nothing can have been written.
  await save();
  const want = without(image.chunks, written);
  const of = want.reduce((sum, chunk) => sum + chunk.packedLength, 0);
  const sent = await world.target.write(
    serial,
    world.shelf.chunks(image, want),
    async (chunk) => {
      written.add(chunk.index);
      done += chunk.packedLength;
      hand.progress({says: `writing ${name}`, done, of, unit: 'bytes'});
      await save();
    },
    hand.signal,
  );
  if (!sent.ok) return sent;
  if (hand.signal.aborted) return interrupted();

  // Each chunk was read back as it was written. What a later write might have hit by mistake shows here.
  const again = readAgain(image.chunks, world.run.id);
  const differing = await differs(world, serial, again, (done) =>
    hand.progress({says: `reading ${name} back`, done, of: again.length, unit: 'items'}),
  );
  if (!differing.ok) return differing;
  const [first] = differing.value;
  if (first) {
    const rest = image.chunks.filter((chunk) => !differing.value.includes(chunk));
    await save(rest.map(({index}) => index));
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
  });
}

/** About one chunk in eight, drawn from the run's id so that anyone can draw them again, and the last. */
function readAgain(chunks: readonly Chunk[], seed: string): readonly Chunk[] {
  const drawn = ({index}: Chunk) => (createHash('sha256').update(`${seed}/${index}`).digest()[0] ?? 0) < 32;
  return chunks.filter((chunk) => chunk === chunks.at(-1) || drawn(chunk));
}

/**
 * Chunks that need not be sent. Those this light system acknowledged after reading them back stand; those that may have
 * been on their way are looked for on the disk; after another start of the light system, all are.
 */
async function alreadyThere(
  world: World,
  serial: DiskSpec['serial'],
  image: OsImage,
  bootId: string,
  hand: Hand,
): Promise<Result<ReadonlySet<number>>> {
  const at = checkpointOf(hand);
  if (at?.phase !== 'writing' || at.image !== image.digest) return ok(new Set());
  const trusted = at.bootId === bootId ? indices(at.written) : new Set<number>();
  const rest = without(image.chunks, trusted);
  // Chunks go in the manifest's order, so what was in flight is among the first of the rest.
  const doubtful = at.bootId === bootId ? rest.slice(0, world.target.window) : rest;
  const differing = await differs(world, serial, doubtful, (done) =>
    hand.progress({says: 'reading what is there', done, of: doubtful.length, unit: 'items'}),
  );
  if (!differing.ok) return differing;
  const absent = new Set(differing.value);
  const there = new Set([...trusted, ...doubtful.filter((chunk) => !absent.has(chunk)).map(({index}) => index)]);
  await hand.note(`${there.size} of ${image.chunks.length} chunks are on the disk and are not sent again`, {
    kept: there.size,
  });
  return ok(there);
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

/** Grows the image to the disk and makes it this host. Each part may be repeated. */
async function fit(world: World, {serial}: DiskSpec, image: OsImage, sent: number, hand: Hand): Promise<Result<void>> {
  await hand.save({phase: 'fitting', image: image.digest, sent} satisfies Checkpoint);
  hand.progress({says: 'growing the file system, putting this host’s files in'});
  const grown = await world.target.grow(serial, image);
  if (!grown.ok) return grown;
  const put = await world.target.put(serial, image, world.shelf.hostFiles(image));
  return put.ok ? world.target.setLatch(serial, 'installed') : put;
}
