import {z} from 'zod';
import {fault} from '../fault.ts';
import {follow} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import {mistakesInDisk, specsOf} from './disk.ts';
import {awaitSigns, contradiction, strangerAt} from './installer-signs.ts';
import {interrupted} from './interrupted.ts';
import {lightIsUp} from './light-is-up.ts';
import {staging} from './media-stage.ts';
import {port} from './port.ts';
import type {Hand, Mistake, Step} from './step.ts';
import type {Look, StagedIso, World} from './world.ts';

const params = z.strictObject({
  disk: z.string().describe('Name from `disks` of the disk that an earlier media.stage has given the installer.'),
  expect: port
    .optional()
    .describe('A port of the host on which the installer answers, such as its network console: it is waited for.'),
});
type Params = z.infer<typeof params>;

/** `partition`: of the EFI system, where the firmware is UEFI. */
type Facts = {readonly image: string; readonly partition: number | null};

/** Where an earlier attempt was left: from `leaving` on the light system may be gone, from `started` on the host be up. */
type Checkpoint = {readonly phase: 'leaving' | 'started'};

export const installerStart: Step<Params, Facts> = {
  kind: 'installer.start',
  summary: 'Leaves the light system and starts the vendor’s installer from the disk it was staged on.',
  irreversible: false,
  heldUntil: [],
  params,

  check({disk}, runbook): readonly Mistake[] {
    const mistakes = mistakesInDisk(disk, ['disk'], runbook);
    if (mistakes.length) return mistakes;
    return staging(runbook, disk) ? [] : [{path: ['disk'], says: `no media.stage step gives disk "${disk}" an image`}];
  },

  async probe(look, {disk}) {
    const staged = await stagedOn(look, disk);
    if (!staged.ok) return staged;
    const fits = startable(staged.value, look.runbook);
    return fits.ok ? ok({image: staged.value.digest, partition: fits.value ?? null}) : fits;
  },

  plan: ({disk, expect}, {partition}) => [
    {
      id: 'start',
      says: `start once from ${disk}: ${partition === null ? 'by a loader on the virtual cd' : `UEFI BootNext, partition ${partition}`}`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
      seconds: {from: 60, to: 900},
    },
    {
      id: 'hand-over',
      says: expect === undefined ? 'then the installer has the host: attend it by KVM' : `wait until ${expect} answers`,
      certainty: {is: 'will'},
      undo: false,
      irreversible: false,
    },
  ],

  async apply(world, {disk, expect}, hand) {
    const staged = await stagedOn(world, disk);
    if (!staged.ok) return staged;
    const [spec] = specsOf([disk], world.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    const light = await lightIsUp(world, hand);
    if (!light.ok) return light;
    const at = hand.at as Checkpoint | undefined;
    if (light.value || at?.phase !== 'started') {
      const started = await start(world, spec, staged.value, {light: light.value, at}, hand);
      if (!started.ok) return started;
    } else {
      // It may have gone off by itself; one that is on is not touched.
      const on = await world.bmc.power('on', hand.signal);
      if (!on.ok) return on;
    }
    const signs = await awaitSigns(world, expect, hand);
    return signs.ok ? ok({says: 'started', data: {...signs.value, iso: staged.value.iso}}) : signs;
  },

  async verify(look, {disk, expect}) {
    const wrong = await contradiction(look);
    if (!wrong.ok) return wrong;
    if (wrong.value !== undefined) return failed(fault('installer.not-started', wrong.value));
    if (expect === undefined) return ok({says: `left to the installer on ${disk}: on, light system gone`, data: {}});
    const stranger = await strangerAt(look, expect);
    if (!stranger.ok) return stranger;
    return stranger.value
      ? ok({says: `${expect} answers, not by the light system`, data: {}})
      : failed(fault('installer.not-started', `${expect} does not answer any more`));
  },
};

async function stagedOn({shelf, runbook}: Look, disk: string): Promise<Result<StagedIso>> {
  const iso = staging(runbook, disk);
  return iso ? shelf.staged(iso) : failed(fault('image.missing', `no media.stage step names disk ${disk}`));
}

/** The partition to start from under UEFI; undefined where BIOS starts the disk itself. */
function startable({name, starts}: StagedIso, {host}: Runbook): Result<number | undefined> {
  if (host.firmware === 'bios')
    return starts.bios
      ? ok(undefined)
      : failed(fault('image.unfit', `${name} has no boot code for a disk: BIOS starts it from CD only`));
  return starts.uefi === undefined
    ? failed(fault('image.unfit', `${name} has no EFI system partition: UEFI starts it from CD only`))
    : ok(starts.uefi);
}

interface Before {
  readonly light: boolean;
  readonly at: Checkpoint | undefined;
}

async function start(
  world: World,
  {serial}: DiskSpec,
  image: StagedIso,
  {light, at}: Before,
  hand: Hand,
): Promise<Result<void>> {
  const partition = startable(image, world.runbook);
  if (!partition.ok) return partition;
  if (light) {
    const named = partition.value === undefined ? ok(undefined) : await world.target.startNext(serial, partition.value);
    if (!named.ok) return named;
    await hand.save({phase: 'leaving'} satisfies Checkpoint);
    const settled = await world.target.settle();
    if (!settled.ok) return settled;
  } else if (at?.phase !== 'leaving')
    return failed(fault('ssh.unreachable', 'the light system does not answer, and it must name what starts next'));

  const off = await world.bmc.power('off', hand.signal);
  if (!off.ok) return off;
  const media = await world.bmc.media();
  if (!media.ok) return media;
  const ejected = media.value.state === 'detached' ? media : await world.bmc.eject(hand.signal);
  if (!ejected.ok) return ejected;
  return partition.value === undefined ? startByLoader(world, image, hand) : startNamed(world, hand);
}

/** UEFI has been told; a boot override of the BMC's would come before that. */
async function startNamed(world: World, hand: Hand): Promise<Result<void>> {
  const normal = await world.bmc.bootNormally(hand.signal);
  if (!normal.ok) return normal;
  await hand.save({phase: 'started'} satisfies Checkpoint);
  return world.bmc.power('on', hand.signal);
}

// A server's self-test takes up to ten minutes before it reads its first byte of any medium.
const firstByteMs = 10 * 60_000;

/** A BIOS starts its first disk and no other, so a loader of a megabyte on the virtual CD finds the disk for it. */
async function startByLoader(world: World, image: StagedIso, hand: Hand): Promise<Result<void>> {
  const loader = await world.shelf.loader(image);
  if (!loader.ok) return loader;
  const inserted = await world.bmc.insert(loader.value.url, hand.signal);
  if (!inserted.ok) return inserted;
  const once = await world.bmc.bootCdOnce(hand.signal);
  if (!once.ok) return once;
  world.shelf.recount(loader.value);
  await hand.save({phase: 'started'} satisfies Checkpoint);
  const on = await world.bmc.power('on', hand.signal);
  if (!on.ok) return on;
  const read = await follow<void>(
    async () => {
      const {covered} = world.shelf.served(loader.value);
      hand.progress({says: 'loader', done: covered, of: loader.value.bootBytes, unit: 'bytes'});
      return covered >= loader.value.bootBytes ? {done: undefined} : {progress: covered};
    },
    {everyMs: 500, stallMs: firstByteMs, clock: world.clock, signal: hand.signal},
  );
  if (read.end === 'aborted') return interrupted();
  return read.end === 'met'
    ? ok(undefined)
    : failed(fault('installer.not-started', 'the host did not read the loader from its virtual CD'));
}
