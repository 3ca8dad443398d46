import {enduring} from '../../endure.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import {backOffMs} from './back-off.ts';
import {adviceAfter, type Missed} from '../boot/advice.ts';
import {interrupted} from '../interrupted.ts';
import {secondsBetween} from '../interruption.ts';
import type {Hand} from '../step.ts';
import type {World} from '../world.ts';
import type {MediaState} from '../world/bmc.ts';

/**
 * Sees a medium in the slot: looks first, and where it is not there puts the host off and inserts it. A BMC that says
 * yes and mounts nothing is asked again after a while, which may pass (a busy Lifecycle Controller, somebody's open
 * session); after `attempts` a person is. The value says how many inserts it took: 0 where it was there.
 */
export async function insertMedium(world: World, url: string, attempts: number, hand: Hand): Promise<Result<number>> {
  const {bmc, clock} = world;
  const begun = clock.ticks();
  const missed: Missed[] = [];
  for (let attempt = 1; attempt <= attempts; attempt++) {
    if (attempt > 1) await clock.sleep(backOffMs(attempt), hand.signal);
    if (hand.signal.aborted) return interrupted();
    // It may have come by itself since: some BMCs show a medium minutes after they have taken it.
    const now = await enduring(() => bmc.media(), clock, hand.signal);
    if (!now.ok) return now;
    const there = shows(now.value, url);
    const mounted = there ? ok(undefined) : await insertOnce(world, url, hand);
    if (mounted.ok) {
      if (missed.length > 0) await hand.regained({seconds: secondsBetween(begun, clock.ticks()), attempts: attempt});
      return ok(there ? missed.length : attempt);
    }
    if (mounted.fault.code !== 'media.not-mounted') return mounted;
    const seconds = secondsBetween(begun, clock.ticks());
    const {says} = mounted.fault;
    missed.push({cause: 'bmc trouble', says, bytes: 0, seconds, bytesPerSecond: undefined, byReset: false});
    await hand.interrupted({
      cause: 'bmc trouble',
      says: attempt < attempts ? `${says}; inserting it again` : says,
      seconds,
      bytesAgain: 0,
      attempts: 0,
      over: false,
    });
  }
  return failed(adviceAfter(missed));
}

const shows = (media: MediaState, url: string): boolean => media.state === 'attached' && media.image === url;

async function insertOnce({bmc}: World, url: string, {signal}: Hand): Promise<Result<void>> {
  // Ejecting under a running system left file system errors on consoles, and hangs some BMCs: the host goes off first.
  const off = await bmc.power('off', signal);
  if (!off.ok) return off;
  const inserted = await bmc.insert(url, signal);
  if (!inserted.ok) return inserted;
  return shows(inserted.value, url)
    ? ok(undefined)
    : failed(fault('media.not-mounted', `after it was inserted, the virtual CD is ${inserted.value.state}`));
}
