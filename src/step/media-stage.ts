import {z} from 'zod';
import {fault} from '../fault.ts';
import {transferOutlook} from '../plan/transfer.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import {clearPlace} from './wipe/erase-disk.ts';
import {mistakesInWiped, pick, planned, probeDisks, specsOf, type Make} from './disk.ts';
import {megabytes} from './megabytes.ts';
import {isoDigest, isoFile} from './medium/own-iso.ts';
import {sourceList, sourcesOf} from './transfer/source.ts';
import type {Effect, Hand, Mistake, Step} from './step.ts';
import {unknownSource} from './unknown.ts';
import {readWhole} from './transfer/whole-image.ts';
import {writeChunks, type Checkpoint} from './transfer/write-chunks.ts';
import type {World} from './world.ts';
import type {OwnIso, StagedIso} from './world/image.ts';

const params = z.strictObject({
  image: isoFile.describe('The vendor’s ISO: its path from the runbook’s folder.'),
  sha256: isoDigest.describe('Its SHA-256, as the vendor publishes it.'),
  disk: z
    .string()
    .describe(
      'Name from `disks` of the disk, partition or memory that gets the ISO, all of it; an earlier disk.wipe must name a disk too.',
    ),
  from: sourceList,
});
type Params = z.infer<typeof params>;
type Facts = {
  readonly image: string;
  readonly bytes: number;
  readonly packed: number;
  /** Who made the disk; null where the BMC shows no drives. */
  readonly model: Make | null;
};

// The latch and the backup partition table lie behind the image.
const tailBytes = 4 << 20;

export const mediaStage: Step<Params, Facts> = {
  kind: 'media.stage',
  summary:
    'Brings a vendor’s ISO through the light system to a wiped disk in verified chunks, and reads all of it back.',
  irreversible: true,
  heldUntil: ['installer.start'],
  params,

  check({disk}, runbook): readonly Mistake[] {
    const mistakes = mistakesInWiped(disk, ['disk'], runbook);
    if (mistakes.length) return mistakes;
    const taken = runbook.steps.some(({kind, params: other}) => kind === 'os.install' && other['disk'] === disk);
    return taken ? [{path: ['disk'], says: `disk "${disk}" gets the system by os.install`}] : [];
  },

  async probe(look, {image, sha256, disk}) {
    const staged = await look.shelf.staged({file: image, sha256});
    if (!staged.ok) return staged;
    const {digest, sizeBytes, packedBytes} = staged.value;
    const [spec] = specsOf([disk], look.runbook);
    if (spec && sizeBytes > spec.sizeBytes - tailBytes)
      return failed(fault('image.unfit', `${image} has ${megabytes(sizeBytes)}, disk ${disk} has no room for it`));
    const models = await probeDisks(look, spec ? [spec] : []);
    if (!models.ok) return models;
    const model = spec && models.value?.[spec.serial];
    return ok({image: digest, bytes: sizeBytes, packed: packedBytes, model: model ?? null});
  },

  plan: ({image, disk, from}, facts, runbook) => [
    ...specsOf([disk], runbook).map((spec): Effect => ({
      id: `write:${spec.serial}`,
      says: `${fileName(image)}, ${megabytes(facts.bytes)}, of which ${megabytes(facts.packed)} to ${from.length > 0 ? 'fetch' : 'send'}`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: true,
      disk: planned(spec, facts.model),
      bytes: facts.packed,
    })),
    ...unknownSource(from, runbook, 'media.stage'),
  ],

  forecast: async (look, {image}, {bytes, packed}) =>
    transferOutlook(await look.record(), {
      name: fileName(image),
      packedBytes: packed,
      isoBytes: bytes,
      promiseSeconds: look.runbook.host.promiseSeconds,
    }),

  async apply(world, {image, sha256, disk, from}, hand) {
    const staged = await world.shelf.staged({file: image, sha256});
    if (!staged.ok) return staged;
    const [spec] = specsOf([disk], world.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    // What is amiss with memory only its own record says: it is not among the disks then.
    const there = spec.ram ? await world.target.latch(spec.serial) : ok(undefined);
    if (!there.ok) return there;
    const disks = await world.target.disks();
    if (!disks.ok) return disks;
    const found = pick(disks.value, spec);
    if (!found.ok) return found;
    if (spec.ram) {
      // It is gone with the power, and so is the record that it was cleared: it is filled anew then.
      const cleared = await clearPlace(world, spec, found.value, hand);
      if (!cleared.ok) return cleared;
    }
    const latch = await world.target.latch(spec.serial);
    if (!latch.ok) return latch;
    if (latch.value?.run !== world.run.id)
      return failed(fault('target.refused', `${spec.serial} carries no record that this run wiped it`));
    if (latch.value.state === 'installed') return ok({says: 'staged earlier', data: {bytesSent: 0}});

    const begun = world.clock.ticks();
    const sent = await writeChunks(world, spec, staged.value, hand, {from: sourcesOf(from)});
    if (!sent.ok) return sent;
    const whole = await readBack(world, spec, staged.value, sent.value.bytesSent, hand);
    if (!whole.ok) return whole;
    const latched = await world.target.setLatch(spec.serial, 'installed');
    if (!latched.ok) return latched;
    const seconds = Math.round((world.clock.ticks() - begun) / 1000);
    const {chunks, sizeBytes} = staged.value;
    return ok({says: 'staged', data: {...sent.value, bytes: sizeBytes, chunks: chunks.length, seconds}});
  },

  async verify(look, {image, sha256, disk}) {
    const staged = await look.shelf.staged({file: image, sha256});
    if (!staged.ok) return staged;
    const [spec] = specsOf([disk], look.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    const latch = await look.target.latch(spec.serial);
    if (!latch.ok) return latch;
    if (latch.value?.run !== look.run.id || latch.value.state !== 'installed')
      return failed(fault('os.differs', `${spec.serial} carries no record of a finished staging of this run`));
    // Its partition table and boot loaders; all of it was read back before the latch was set.
    const [head] = staged.value.chunks;
    const read = await look.target.digests(spec.serial, head ? [head] : []);
    if (!read.ok) return read;
    return read.value[0] === head?.raw
      ? ok({
          says: `every byte read back: ${fileName(image)} ${sha256.slice(0, 12)}`,
          data: {iso: sha256, image: staged.value.digest},
        })
      : failed(fault('os.differs', `the beginning of ${spec.serial} is no longer that of ${fileName(image)}`));
  },
};

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** What is to be staged on which disk; undefined where no step says so. */
export function staging({steps}: Runbook, disk: string): OwnIso | undefined {
  const entry = steps.find((step) => step.kind === mediaStage.kind && step.params['disk'] === disk);
  const parsed = mediaStage.params.safeParse(entry?.params);
  return parsed.success ? {file: parsed.data.image, sha256: parsed.data.sha256} : undefined;
}

/** Each chunk was read back as it was written; an installer reads all of it, so all of it is read once more. */
async function readBack(
  world: World,
  {serial, name}: DiskSpec,
  image: StagedIso,
  sent: number,
  hand: Hand,
): Promise<Result<void>> {
  const read = await readWhole(world, serial, image, (done, of) =>
    hand.progress({says: `reading ${name} back`, done, of, unit: 'items'}),
  );
  if (!read.ok) return read;
  const {chunks, stains} = read.value;
  const [first] = chunks;
  if (first) {
    // What the light system said of its chunks does not hold: the next attempt asks the disk about all of them.
    await hand.save({
      phase: 'writing',
      image: image.digest,
      bootId: 'none',
      written: '',
      sent,
    } satisfies Checkpoint);
    return failed(
      fault('os.differs', `${chunks.length} chunks differ from the image, the first at byte ${first.offset}`),
    );
  }
  const [stain] = stains;
  return stain === undefined
    ? ok(undefined)
    : failed(fault('disk.not-blank', `${serial} is not zero at byte ${stain}, where the image is`));
}
