import type {Clock} from '../clock.ts';
import type {Stored} from '../engine/event.ts';
import type {Json} from '../json.ts';
import {ending} from './ending.ts';
import {escape} from './escape.ts';
import {duration, wholeSeconds} from './duration.ts';
import {eventLine, heartbeatLine} from './event-line.ts';
import {extend, type History} from './history.ts';
import {metered, percent, secondsLeft, type Meter} from './meter.ts';
import {plainPaint} from './paint.ts';
import type {Reporter} from './reporter.ts';
import type {Stream} from './terminal.ts';

export interface PlainOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly clock: Clock;
  readonly earlier: readonly Stored[];
}

/** Minutes after which a step that goes on says so: often enough to see life, too seldom to drown a build log. */
export const heartbeatMinutes = (beat: number): number => (beat < 4 ? 2 ** beat : 8 * (beat - 2));

/** For pipes, build logs and screen readers: one line an event, nothing redrawn. */
export function plainReporter({stdout, stderr, clock, earlier}: PlainOptions): Reporter {
  let history = earlier.reduce<History | undefined>(extend, undefined);
  let meter: Meter | undefined;
  let ended = false;
  let beating = new AbortController();

  async function beat(stop: AbortSignal): Promise<void> {
    const begun = clock.ticks();
    for (let beat = 0; ; beat++) {
      await clock.sleep(begun + heartbeatMinutes(beat) * 60_000 - clock.ticks(), stop);
      if (stop.aborted) return;
      const running = history?.steps.find(({status}) => status.is === 'running');
      if (history && running) stderr.write(`${heartbeatLine(history, running, clock.now(), state())}\n`);
    }
  }

  function state(): Readonly<Record<string, Json>> {
    if (!meter) return {};
    const done = percent(meter.progress);
    const left = secondsLeft(meter, clock.ticks());
    const {medium} = meter.progress;
    return {
      ...(done === undefined ? {} : {progress: `${done}%`}),
      ...(left === undefined ? {} : {left: duration(left)}),
      ...(medium?.left && {chance: `${Math.round(medium.left.chance * 100)}%`}),
      ...(medium?.left?.expected.is === 'seconds' && {expected: duration(medium.left.expected.seconds)}),
      ...(medium && medium.lost > 0 && {lost: medium.lost}),
      says: meter.progress.says,
    };
  }

  return {
    event(stored) {
      if (ended) return;
      history = extend(history, stored);
      if (!history) return;
      const {type} = stored.event;
      // One line a chunk would be a thousand lines; the heartbeat has the progress, `rebuild log` has them all.
      if (type !== 'step.saved') stderr.write(`${eventLine(history, stored)}\n`);
      if (type === 'step.started') {
        meter = undefined;
        beating.abort();
        beating = new AbortController();
        void beat(beating.signal);
      } else if (type === 'step.done' || type === 'step.failed' || history.end.is !== 'open') {
        beating.abort();
      }
    },
    progress(_, progress) {
      meter = metered(meter, progress, clock.ticks());
    },
    say(line) {
      stderr.write(`${wholeSeconds(clock.now())} ${history?.run ?? '-'} says ${escape(line)}\n`);
    },
    stopping() {},
    end() {
      if (ended) return;
      ended = true;
      beating.abort();
      if (!history) return;
      const {result, advice} = ending(history, plainPaint);
      if (advice.length) stderr.write(`${advice.join('\n')}\n`);
      stdout.write(`${result}\n`);
    },
  };
}
