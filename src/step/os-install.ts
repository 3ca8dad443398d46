import {z} from 'zod';
import {fault} from '../fault.ts';
import type {JsonObject} from '../json.ts';
import {transferOutlook} from '../plan/transfer.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec} from '../runbook/runbook.ts';
import {mistakesInWhole, pick, planned, probeDisks, specsOf, type Make} from './disk.ts';
import {sourceList, sourcesOf} from './transfer/source.ts';
import type {Effect, Hand, Mistake, Step} from './step.ts';
import {unknownSource} from './unknown.ts';
import {askTarget, writeChunks, type Checkpoint, type TargetAnswers} from './transfer/write-chunks.ts';
import type {Look, World} from './world.ts';
import type {OsImage} from './world/image.ts';
import type {DiskFacts, Latch} from './world/target.ts';

const params = z.strictObject({
  image: z
    .string()
    .default('debian')
    .describe('The OS image: `debian` is built from the machine’s own Debian packages.'),
  disk: z
    .string()
    .describe('Name from `disks` of the disk that gets the system; an earlier disk.wipe must name it too.'),
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

/** What an install asks first. */
interface Answers extends TargetAnswers {
  readonly os: OsImage;
  readonly spec: DiskSpec;
  readonly disks: Result<readonly DiskFacts[]>;
  readonly latch: Result<Latch | undefined>;
}

export const osInstall: Step<Params, Facts, Result<Answers>> = {
  kind: 'os.install',
  summary: 'Writes the OS image to the wiped disk in verified chunks, reads them back, and makes it this host.',
  irreversible: true,
  heldUntil: ['network.restore'],
  params,

  check({disk}, runbook): readonly Mistake[] {
    const mistakes = mistakesInWhole(disk, ['disk'], runbook);
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

  plan: ({image, disk, from}, facts, runbook) => [
    ...specsOf([disk], runbook).map((spec): Effect => ({
      id: `write:${spec.serial}`,
      says: `${image} ${facts.image.slice(0, 12)}, ${Math.ceil(facts.packed / 1e6)} MB to ${from.length > 0 ? 'fetch' : 'send'}`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: true,
      disk: planned(spec, facts.model),
      bytes: facts.packed,
    })),
    ...unknownSource(from, runbook, 'os.install'),
  ],

  forecast: async (look, {image}, {packed}) =>
    transferOutlook(await look.record(), {
      name: image,
      packedBytes: packed,
      promiseSeconds: look.runbook.host.promiseSeconds,
    }),

  ask,

  async apply(world, params, hand, asked = ask(world, params, hand.at)) {
    const answers = await asked;
    if (!answers.ok) return answers;
    const {os, spec, disks, latch} = answers.value;
    if (!disks.ok) return disks;
    const found = pick(disks.value, spec);
    if (!found.ok) return found;
    if (!latch.ok) return latch;
    if (latch.value?.run !== world.run.id)
      return failed(fault('target.refused', `${spec.serial} carries no record that this run wiped it`));
    if (latch.value.state === 'installed') return ok({says: 'installed earlier', data: {bytesSent: 0}});

    const begun = world.clock.ticks();
    const sent = await writeChunks(world, spec, os, hand, {from: sourcesOf(params.from), answers: answers.value});
    if (!sent.ok) return sent;
    const fitted = await fit(world, spec, os, sent.value.bytesSent, hand);
    if (!fitted.ok) return fitted;
    const seconds = Math.round((world.clock.ticks() - begun) / 1000);
    return ok({says: 'installed', data: {...sent.value, chunks: os.chunks.length, seconds}});
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

/** Side by side: on a slow machine each question takes a good part of a second. */
async function ask(look: Look, {image, disk}: Params, at: JsonObject | undefined): Promise<Result<Answers>> {
  const os = await look.shelf.os(image);
  if (!os.ok) return os;
  const [spec] = specsOf([disk], look.runbook);
  if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
  const [disks, latch, target] = await Promise.all([
    look.target.disks(),
    look.target.latch(spec.serial),
    askTarget(look, spec.serial, os.value, at),
  ]);
  return ok({os: os.value, spec, disks, latch, ...target});
}

/** Grows the image to the disk and makes it this host. Each part may be repeated. */
async function fit(world: World, {serial}: DiskSpec, image: OsImage, sent: number, hand: Hand): Promise<Result<void>> {
  await hand.save({phase: 'fitting', image: image.digest, sent} satisfies Checkpoint);
  hand.progress({says: 'growing the file system, putting this host’s files in'});
  const grown = await world.target.grow(serial, image);
  if (!grown.ok) return grown;
  // Its network too: should the machine lose its power, it starts from this disk by itself, and must be found then.
  const files = [...world.shelf.hostFiles(image), ...world.shelf.networkFiles()];
  const put = await world.target.put(serial, image, files);
  return put.ok ? world.target.setLatch(serial, 'installed') : put;
}
