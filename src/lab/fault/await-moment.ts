import type {Link} from '../machine/link.ts';
import type {RunWatch} from './run-watch.ts';
import type {TimedFault} from './lab-fault.ts';
import {stageShown} from './stage.ts';

export interface MomentParts {
  readonly link: Link;
  readonly serialConsole: string;
  readonly run: RunWatch;
}

/** Waits for moments of the lab. */
export function awaitMoment({link, serialConsole, run}: MomentParts) {
  return async (when: TimedFault['when'], signal: AbortSignal): Promise<boolean> => {
    switch (when.at) {
      case 'now':
        return true;
      case 'bytes':
        return new Promise((resolve) => {
          const leave = link.whenCarried(when.bytes, () => resolve(true));
          signal.addEventListener('abort', () => {
            leave();
            resolve(false);
          });
        });
      case 'stage':
        return stageShown(serialConsole, when.stage, signal);
      case 'event':
        return run.event(when, signal);
      default:
        return when satisfies never;
    }
  };
}
