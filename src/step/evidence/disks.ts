import type {Tool} from '../../evidence/custody.ts';
import {bytesIn, frameBytes, framesOf} from '../../evidence/frame.ts';
import {within} from '../../progress.ts';
import {ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {pick} from '../disk.ts';
import {lightTool} from './light.ts';
import {readDisk} from './imaging.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {Vault} from '../world/evidence.ts';
import type {DiskFacts} from '../world/target.ts';

/** Places that could not be read, told one by one in the record; the table of frames has them all. */
const mostUnread = 1000;

/**
 * Images whole disks from the light system, where nothing of theirs is mounted. What could not be read of one is in its
 * record.
 */
export async function takeDisks(
  world: World,
  vault: Vault,
  specs: readonly DiskSpec[],
  hand: Hand,
): Promise<Result<void>> {
  const disks = await world.target.disks();
  if (!disks.ok) return disks;
  const hello = await world.target.hello();
  if (!hello.ok) return hello;
  const light = lightTool(world.earlier('media.mount'), hello.value.bootId);
  for (const spec of specs) {
    const disk = pick(disks.value, spec);
    if (!disk.ok) return disk;
    if (vault.held.some(({id}) => id === `disk-${spec.serial}`)) continue;
    const taken = await takeDisk(world, vault, disk.value, spec, light, hand);
    if (!taken.ok) return taken;
  }
  return ok(undefined);
}

async function takeDisk(
  world: World,
  vault: Vault,
  {sizeBytes, model}: DiskFacts,
  spec: DiskSpec,
  tool: Tool,
  hand: Hand,
): Promise<Result<void>> {
  const {serial, name} = spec;
  const began = world.clock.now();
  const read = await readDisk(world, vault, spec, sizeBytes, hand);
  if (!read.ok) return read;
  const image = read.value;
  const ended = await image.end(sizeBytes, within(`image of ${name}`, hand.progress));
  if (!ended.ok) return ended;
  const {file, bytes, sha256, rawSha256} = ended.value;
  const unread = image.unread();
  const missing = bytesIn(unread);
  await hand.note(`image of ${serial}: ${framesOf(sizeBytes)} frames, SHA-256 of the disk ${rawSha256}`, {
    serial,
    model,
    bytes: sizeBytes,
    kept: bytes,
    sha256: rawSha256,
  });
  return vault.record({
    id: `disk-${serial}`,
    what: `the whole disk, ${sizeBytes} bytes, SHA-256 ${rawSha256}; ${model}`,
    source: `disk ${serial}`,
    method: {over: 'ssh to the light system', argv: ['target', 'image', serial, String(image.next * frameBytes)]},
    tool,
    began,
    ended: world.clock.now(),
    clockOffset: null,
    file,
    bytes,
    sha256,
    complete: missing === 0,
    ...(missing > 0 && {
      lack: 'unread',
      reason: `${missing} bytes could not be read and are zero`,
      unread: unread.slice(0, mostUnread),
    }),
  });
}
