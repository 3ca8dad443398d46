import type {Socket} from 'node:net';
import type {Chance} from '../fault/chance.ts';
import type {LineCondition} from './line-condition.ts';

/** Frames of one direction of a cable, on their way. They arrive in the order in which they were sent. */
export interface FrameQueue {
  /** `frame` with its length before it, as QEMU sends it. */
  push(frame: Buffer, to: Socket): void;
  /** The cable's condition is another. */
  changed(): void;
}

interface Waiting {
  readonly frame: Buffer;
  readonly to: Socket;
  /** When it has come through, in `performance.now()` milliseconds. */
  readonly due: number;
}

// As much as a slow router holds before it loses what comes after: a quarter of a second, at least two large frames.
const bufferSeconds = 0.25;
const leastBufferBytes = 128 * 1024;
const stalledBytes = 8 * 1024 * 1024;

const room = ({bytesPerSecond}: LineCondition): number =>
  bytesPerSecond === undefined ? stalledBytes : Math.max(leastBufferBytes, bytesPerSecond * bufferSeconds);

export function queue(condition: () => LineCondition, draws: () => Chance): FrameQueue {
  let waiting: Waiting[] = [];
  let bytes = 0;
  /** When the throttled cable is free again. */
  let free = 0;
  let latest = 0;
  let timer: NodeJS.Timeout | undefined;

  const deliver = (): void => {
    timer = undefined;
    const {passage} = condition();
    if (passage === 'stalled') return;
    const now = performance.now();
    const due = waiting.findIndex((each) => each.due > now);
    const ready = waiting.splice(0, due === -1 ? waiting.length : due);
    for (const {frame, to} of ready) {
      bytes -= frame.length;
      if (passage === 'open' && !to.destroyed) to.write(frame);
    }
    const [first] = waiting;
    if (first) timer = setTimeout(deliver, first.due - now);
  };

  return {
    push(frame, to) {
      const now = performance.now();
      const is = condition();
      if (is.passage === 'dropping' || bytes + frame.length > room(is)) return;
      if (is.lossPercent !== undefined && draws().next() * 100 < is.lossPercent) return;
      if (is.bytesPerSecond !== undefined) free = Math.max(free, now) + (frame.length / is.bytesPerSecond) * 1000;
      const lag = ((is.delaySeconds ?? 0) + (is.jitterSeconds ?? 0) * draws().next()) * 1000;
      latest = Math.max(latest, (is.bytesPerSecond === undefined ? now : free) + lag);
      if (latest <= now && waiting.length === 0 && is.passage === 'open') to.write(frame);
      else {
        waiting.push({frame, to, due: latest});
        bytes += frame.length;
        timer ??= setTimeout(deliver, latest - now);
      }
    },
    changed() {
      clearTimeout(timer);
      timer = undefined;
      deliver();
    },
  };
}
