import type {Watch} from '../engine/drive.ts';
import type {OpenRun} from '../engine/state.ts';

const everyMs = 2000;

/**
 * Watches the mounted medium while the light system works from RAM. That it goes then is an event for the timeline, not
 * a failure. `target.boot` minds the medium itself, as long as it is needed.
 */
export function mediaWatch(): Watch {
  let noted = false;
  return async (world, state, note, signal) => {
    if (noted || state.phase === 'unborn' || !between(state)) return;
    // One odd reading is not a loss: a BMC may answer nonsense in between.
    for (let empty = 0; empty < 2;) {
      const media = await world.bmc.media();
      if (signal.aborted) return;
      empty = media.ok && media.value.state === 'detached' ? empty + 1 : 0;
      await world.clock.sleep(everyMs, signal);
      if (signal.aborted && empty < 1) return;
    }
    noted = true;
    await note('the medium went away and was not needed: the light system runs from RAM', {medium: 'lost'});
  };
}

/** The light system is up and the medium has not been asked to go. */
function between({steps}: OpenRun): boolean {
  const status = (kind: string) => steps.find(({heading}) => heading.kind === kind)?.status.is;
  return status('target.boot') === 'done' && status('media.eject') === 'waiting';
}
