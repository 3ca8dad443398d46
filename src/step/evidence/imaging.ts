import {frameBytes, lengthOf} from '../../evidence/frame.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {DiskSpec} from '../../runbook/runbook.ts';
import {interrupted} from '../interrupted.ts';
import {isCutOff, secondsBetween} from '../interruption.ts';
import {followMoves} from '../isolation/admit.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {KeptImage, Vault} from '../world/evidence.ts';

/** Without a frame. A disk takes hours or days over a slow link, and nobody sits there for each of its cuts. */
const patienceMs = 15 * 60_000;
/** Before a connection is tried again, and from the last of these on. */
const pausesMs = [250, 1000, 5000] as const;

/** Reads one disk to its end, frame by frame, over as many connections as it takes; a cut costs the frame it fell into. */
export async function readDisk(
  world: World,
  vault: Vault,
  {serial, name}: DiskSpec,
  sizeBytes: number,
  hand: Hand,
): Promise<Result<KeptImage>> {
  const {clock, target} = world;
  const moves = followMoves(world, hand);
  let last = clock.ticks();
  let cut: {readonly says: string; tries: number} | undefined;
  for (;;) {
    const kept = await vault.image(serial);
    if (!kept.ok) return kept;
    const image = kept.value;
    if (image.next > 0 && !cut) await hand.note(`image of ${serial} goes on at ${image.next * frameBytes} bytes`);
    const read = await target.image(
      serial,
      image.next,
      async (frame, size) => {
        if (size !== sizeBytes)
          return failed(fault('disk.size-differs', `${serial} is ${size} bytes, and was ${sizeBytes}`));
        const now = clock.ticks();
        if (cut) {
          const {says, tries} = cut;
          const cost = {seconds: secondsBetween(last, now), bytesAgain: lengthOf(frame.index, sizeBytes)};
          await hand.interrupted({cause: 'link cut', says, ...cost, attempts: tries, over: true});
        }
        cut = undefined;
        last = now;
        const done = Math.min((frame.index + 1) * frameBytes, sizeBytes);
        hand.progress({says: `image of ${name}`, done, of: sizeBytes, unit: 'bytes'});
        return image.keep(frame, sizeBytes);
      },
      hand.signal,
    );
    await image.pause();
    if (hand.signal.aborted) return interrupted();
    if (read.ok) return ok(image);
    const {code, says} = read.fault;
    if (!isCutOff(code) || clock.ticks() - last > patienceMs) return read;
    cut ??= {says, tries: 0};
    await moves.follow();
    await clock.sleep(pausesMs[Math.min(cut.tries, pausesMs.length - 1)] ?? 0, hand.signal);
    cut.tries++;
  }
}
