import {z} from 'zod';
import {enduring} from '../endure.ts';
import {fault} from '../fault.ts';
import {follow} from '../pace.ts';
import {failed, ok, type Result} from '../result.ts';
import type {DiskSpec, Runbook} from '../runbook/runbook.ts';
import {mistakesInDisk, specsOf} from './disk.ts';
import {awaitSigns, contradiction, strangerAt} from './installer/signs.ts';
import {launch, launchOf} from './installer/launch.ts';
import {interrupted} from './interrupted.ts';
import {firstByteMs} from './medium/evidence.ts';
import {lightIsUp} from './boot/light-is-up.ts';
import {staging} from './media-stage.ts';
import {port} from './port/port.ts';
import type {Hand, Mistake, Step} from './step.ts';
import type {Look, World} from './world.ts';
import type {Launch, StagedIso} from './world/image.ts';

const pathInIso = z
  .string()
  .max(200)
  .regex(/^(?:\/[A-Za-z0-9._+@-]+)+$/, 'expected a path from the ISO’s root, such as /install.amd/vmlinuz');

const params = z.strictObject({
  disk: z
    .string()
    .describe(
      'Name from `disks` of the disk, partition or memory that an earlier media.stage has given the installer.',
    ),
  kernel: pathInIso
    .optional()
    .describe(
      'Path in the ISO of the installer’s kernel. The light system starts it in its own place, no firmware asked.',
    ),
  initrd: pathInIso.optional().describe('Path in the ISO of that kernel’s initial RAM disk.'),
  options: z
    .string()
    .max(1000)
    .regex(/^[ -~]*$/, 'expected printable characters')
    .default('')
    .describe('That kernel’s command line, such as: console=ttyS0,115200n8.'),
  expect: port
    .optional()
    .describe('A port of the host on which the installer answers, such as its network console: it is waited for.'),
});
type Params = z.infer<typeof params>;

/** `partition`: of the EFI system, where the firmware is UEFI and starts it. */
type Facts = {readonly image: string; readonly by: Way['by']; readonly partition: number | null};

/** How it is started: by the firmware, by a loader on the virtual CD, or by its own kernel from the light system. */
type Way =
  | {readonly by: 'firmware'; readonly partition: number}
  | {readonly by: 'loader'}
  | {readonly by: 'kernel'; readonly launch: Launch};

/** Where an earlier attempt was left: from `leaving` on the light system may be gone, from `started` on the host be up. */
type Checkpoint = {readonly phase: 'leaving' | 'started'};

export const installerStart: Step<Params, Facts> = {
  kind: 'installer.start',
  summary: 'Leaves the light system and starts the vendor’s installer from the disk it was staged on.',
  irreversible: false,
  heldUntil: [],
  params,

  check({disk, kernel, initrd}, runbook): readonly Mistake[] {
    const mistakes = mistakesInDisk(disk, ['disk'], runbook);
    if (mistakes.length) return mistakes;
    if (!staging(runbook, disk)) return [{path: ['disk'], says: `no media.stage step gives disk "${disk}" an image`}];
    const {partition, ram} = runbook.disks[disk] ?? {};
    if ((kernel === undefined) !== (initrd === undefined))
      return [{path: [kernel === undefined ? 'initrd' : 'kernel'], says: 'kernel and initrd go together'}];
    return kernel === undefined && (partition || ram)
      ? [{path: ['disk'], says: 'no firmware starts from there: name the installer’s kernel and initrd'}]
      : [];
  },

  async probe(look, params) {
    const staged = await stagedOn(look, params.disk);
    if (!staged.ok) return staged;
    const way = await wayOf(look, staged.value, params);
    if (!way.ok) return way;
    const partition = way.value.by === 'firmware' ? way.value.partition : null;
    return ok({image: staged.value.digest, by: way.value.by, partition});
  },

  plan: ({disk, expect, kernel}, {by, partition}) => [
    {
      id: 'start',
      says: `start once from ${disk}: ${
        {
          firmware: `UEFI BootNext, partition ${partition}`,
          loader: 'by a loader on the virtual cd',
          kernel: `${kernel}, by kexec`,
        }[by]
      }`,
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

  async apply(world, params, hand) {
    const {disk, expect} = params;
    const staged = await stagedOn(world, disk);
    if (!staged.ok) return staged;
    const [spec] = specsOf([disk], world.runbook);
    if (!spec) return failed(fault('disk.not-found', `no disk is called ${disk}`));
    const way = await wayOf(world, staged.value, params);
    if (!way.ok) return way;
    const light = await lightIsUp(world, hand);
    if (!light.ok) return light;
    const at = hand.at as Checkpoint | undefined;
    // It took the light system's place, or never will: nothing is to be done from outside.
    const launched = way.value.by === 'kernel' && !light.value && at?.phase === 'leaving';
    if (!launched && (light.value || at?.phase !== 'started')) {
      const started = await start(world, spec, staged.value, way.value, {light: light.value, at}, hand);
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

async function wayOf(look: Look, image: StagedIso, {disk, kernel, initrd, options}: Params): Promise<Result<Way>> {
  const [spec] = specsOf([disk], look.runbook);
  if (!spec || kernel === undefined || initrd === undefined) return startable(image, look.runbook);
  const launch = await launchOf(look, image, spec, {kernel, initrd, options});
  return launch.ok ? ok({by: 'kernel', launch: launch.value}) : launch;
}

/** How the firmware can start the disk. */
function startable({name, starts}: StagedIso, {host}: Runbook): Result<Way> {
  if (host.firmware === 'bios')
    return starts.bios
      ? ok({by: 'loader'})
      : failed(fault('image.unfit', `${name} has no boot code for a disk: BIOS starts it from CD only`));
  return starts.uefi === undefined
    ? failed(fault('image.unfit', `${name} has no EFI system partition: UEFI starts it from CD only`))
    : ok({by: 'firmware', partition: starts.uefi});
}

interface Before {
  readonly light: boolean;
  readonly at: Checkpoint | undefined;
}

async function start(
  world: World,
  disk: DiskSpec,
  image: StagedIso,
  way: Way,
  {light, at}: Before,
  hand: Hand,
): Promise<Result<void>> {
  if (light && way.by === 'kernel') return launch(world, disk, way.launch, hand);
  if (light) {
    const named = way.by === 'firmware' ? await world.target.startNext(disk.serial, way.partition) : ok(undefined);
    if (!named.ok) return named;
    await hand.save({phase: 'leaving'} satisfies Checkpoint);
    const settled = await world.target.settle();
    if (!settled.ok) return settled;
  } else if (at?.phase !== 'leaving' || way.by === 'kernel')
    return failed(fault('ssh.unreachable', 'the light system does not answer, and it must name what starts next'));

  const off = await world.bmc.power('off', hand.signal);
  if (!off.ok) return off;
  const media = await enduring(() => world.bmc.media(), world.clock, hand.signal);
  if (!media.ok) return media;
  const ejected = media.value.state === 'detached' ? media : await world.bmc.eject(hand.signal);
  if (!ejected.ok) return ejected;
  return way.by === 'loader' ? startByLoader(world, image, hand) : startNamed(world, hand);
}

/** UEFI has been told; a boot override of the BMC's would come before that. */
async function startNamed(world: World, hand: Hand): Promise<Result<void>> {
  const normal = await world.bmc.bootNormally(hand.signal);
  if (!normal.ok) return normal;
  await hand.save({phase: 'started'} satisfies Checkpoint);
  return world.bmc.power('on', hand.signal);
}

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
