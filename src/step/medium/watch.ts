import type {Watch} from '../../engine/drive.ts';
import type {OpenRun} from '../../engine/state.ts';
import {costsNothing} from '../boot/wait.ts';
import {secondsBetween} from '../interruption.ts';

const everyMs = 2000;
// Reading a log costs a BMC more than reading a slot.
const logEveryMs = 15_000;

/**
 * Watches the mounted medium while the light system works from RAM: by the slot, and by the BMC's log, which tells of a
 * loss that a slot hides. That it goes then is an event for the timeline, not a failure. `target.boot` minds the medium
 * itself, as long as it is needed.
 */
export function mediaWatch(): Watch {
  let noted = false;
  let mark: string | undefined;
  return async (world, state, timeline, signal) => {
    if (noted || state.phase === 'unborn' || !between(state)) return;
    // It was gone before the light system was up, and is on record.
    if (world.earlier('target.boot')?.data['mediumGone'] === true) return;
    const {bmc, clock} = world;
    const begun = clock.ticks();
    let asked = -Infinity;
    /** What the log says of the medium since the watch began; undefined while it says nothing. */
    const logged = async (): Promise<string | undefined> => {
      if (clock.ticks() - asked < logEveryMs) return undefined;
      asked = clock.ticks();
      const news = await bmc.events(mark);
      if (!news.ok || !news.value) return undefined;
      mark = news.value.mark;
      const last = news.value.events.at(-1);
      return last?.is === 'ejected' ? last.says.slice(0, 80) : undefined;
    };
    // One odd reading is not a loss: a BMC may answer nonsense in between.
    let entry: string | undefined;
    let there = state.sitting === 1;
    for (let empty = 0; empty < 2 && entry === undefined;) {
      const media = await bmc.media();
      if (signal.aborted) return;
      empty = media.ok && media.value.state === 'detached' ? empty + 1 : 0;
      there ||= media.ok && empty === 0;
      if (empty === 0) entry = await logged();
      if (signal.aborted) return;
      await clock.sleep(everyMs, signal);
      if (signal.aborted && empty < 1) return;
    }
    noted = true;
    // It went in an earlier sitting, or while nobody looked: nothing of it was lost now.
    if (!there) return;
    const says = 'the medium went away and was not needed: the light system runs from RAM';
    await timeline.interrupted({
      cause: 'medium lost',
      says: entry === undefined ? says : `${says} (the BMC’s log: ${entry})`,
      ...costsNothing,
    });
    await timeline.watched({
      mountedSeconds: secondsBetween(begun, clock.ticks()),
      readSeconds: 0,
      bytes: 0,
      lost: true,
    });
  };
}

/** What ends the light system, or takes the medium away on purpose. */
const enders: ReadonlySet<string> = new Set(['media.eject', 'installer.start', 'network.restore']);

/** The light system is up, and nothing that the runbook has to end that has begun. */
function between({steps}: OpenRun): boolean {
  return (
    steps.some(({heading, status}) => heading.kind === 'target.boot' && status.is === 'done') &&
    steps.every(({heading, status}) => !enders.has(heading.kind) || status.is === 'waiting')
  );
}
