import {enduring} from '../../endure.ts';
import {fault} from '../../fault.ts';
import {until} from '../../pace.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {lightAnswers} from '../boot/light-is-up.ts';
import {interrupted} from '../interrupted.ts';
import {memoryOf, setAside} from '../memory.ts';
import type {Hand} from '../step.ts';
import type {Look, World} from '../world.ts';
import type {Launch, StagedIso} from '../world/image.ts';

/** What a runbook names of an installer that is started by its kernel: two paths in its ISO, and a command line. */
export interface KernelNames {
  readonly kernel: string;
  readonly initrd: string;
  readonly options: string;
}

/** The kernel's own words, and what it must be told so that it finds in memory what was staged there. */
export async function launchOf(
  {shelf}: Look,
  image: StagedIso,
  disk: DiskSpec,
  names: KernelNames,
): Promise<Result<Launch>> {
  const kernel = await shelf.bootFile(image, names.kernel);
  if (!kernel.ok) return kernel;
  const initrd = await shelf.bootFile(image, names.initrd);
  if (!initrd.ok) return initrd;
  const memory = memoryOf(disk);
  const options = [memory && setAside(memory), names.options].filter(Boolean).join(' ');
  return ok({kernel: kernel.value, initrd: initrd.value, options});
}

// The light system says that it goes a second before it does.
const goneMs = 60_000;

/**
 * Starts the installer's kernel in the light system's place. Before it goes, the medium is taken out and the boot
 * override back: should the machine be reset, it must not come up in the light system again.
 */
export async function launch(world: World, {serial}: DiskSpec, what: Launch, hand: Hand): Promise<Result<void>> {
  const media = await enduring(() => world.bmc.media(), world.clock, hand.signal);
  if (!media.ok) return media;
  const ejected = media.value.state === 'detached' ? media : await world.bmc.eject(hand.signal);
  if (!ejected.ok) return ejected;
  const normal = await world.bmc.bootNormally(hand.signal);
  if (!normal.ok) return normal;
  await hand.save({phase: 'leaving'});
  const launched = await world.target.launch(serial, what);
  // It may have gone before its answer came through.
  if (!launched.ok && launched.fault.code !== 'ssh.lost') return launched;
  let light: Result<boolean> = ok(true);
  const gone = await until(
    async () => {
      light = await lightAnswers(world);
      return light.ok && !light.value ? true : undefined;
    },
    {everyMs: 1000, deadlineMs: goneMs, clock: world.clock, signal: hand.signal},
  );
  if (gone.end === 'aborted') return interrupted();
  if (!light.ok) return light;
  if (gone.end !== 'met')
    return launched.ok
      ? failed(fault('installer.not-started', 'the light system is still there, a minute after it was to go'))
      : launched;
  await hand.save({phase: 'started'});
  return ok(undefined);
}
