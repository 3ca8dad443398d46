import type {Clock} from '../clock.ts';
import type {Tell} from '../progress.ts';
import {bar, barWords} from './bar.ts';
import type {ViewKind} from './choose.ts';
import {atMost, duration} from './duration.ts';
import {cut, escape, escapeTo, pad, padLeft} from './escape.ts';
import {frameOn} from './frame.ts';
import {metered, secondsLeft, type Meter} from './meter.ts';
import type {Paint} from './paint.ts';
import {heartbeatMinutes} from './plain.ts';
import {screenColumns} from './row.ts';
import type {Stream} from './terminal.ts';

/** What is told of work outside a run: an image that is built, facts that are read, a lab that is raised. */
export interface Work {
  /** Another `says` is another piece of work. */
  readonly tell: Tell;
  /** It is over, or something else is about to be written: what was told last stays. */
  pause(): void;
}

export interface WorkOptions {
  readonly stream: Stream;
  readonly clock: Clock;
  readonly paint: Paint;
  readonly kind: ViewKind;
}

interface Piece {
  readonly meter: Meter;
  readonly begun: number;
}

/**
 * On a terminal a line and a bar, redrawn in place; a piece that is over leaves its line. Elsewhere a line for a piece,
 * and one after a minute, two, four and so on. What takes less than two seconds leaves nothing.
 */
export function openWork({stream, clock, paint, kind}: WorkOptions): Work {
  if (kind === 'quiet') return {tell: () => {}, pause: () => {}};
  const draws = kind === 'live';
  const frame = frameOn(stream);
  let piece: Piece | undefined;
  let over = new AbortController();

  const columns = (): number => Math.min(draws ? (stream.columns ?? screenColumns) : screenColumns, screenColumns) - 1;
  const draw = (): void => {
    if (piece && !stream.behind) frame.draw(drawn(piece, clock.ticks(), columns(), paint));
  };
  const end = (): void => {
    over.abort();
    if (piece && draws) {
      const ms = clock.ticks() - piece.begun;
      frame.draw(ms < shortMs ? [] : [row(piece.meter.progress.says, duration(ms / 1000), '', columns(), paint)]);
      frame.end();
    }
    piece = undefined;
  };
  const goOn = async ({signal}: AbortController): Promise<void> => {
    const begun = clock.ticks();
    for (let beat = -1; ; beat++) {
      const next = beat < 0 ? shortMs : heartbeatMinutes(beat) * 60_000;
      await clock.sleep(draws ? frameMs : begun + next - clock.ticks(), signal);
      if (signal.aborted || !piece) return;
      if (draws) draw();
      else stream.write(beat < 0 ? `${escape(piece.meter.progress.says)}\n` : `${beatLine(piece, clock.ticks())}\n`);
    }
  };

  return {
    tell(progress) {
      const now = clock.ticks();
      const same = piece?.meter.progress.says === progress.says;
      if (piece && same) {
        piece = {...piece, meter: metered(piece.meter, progress, now)};
        return;
      }
      end();
      piece = {meter: metered(undefined, progress, now), begun: now};
      over = new AbortController();
      void goOn(over);
    },
    pause: end,
  };
}

const frameMs = 250;
const shortMs = 2_000;
const indent = '       ';
const tookColumns = 7;
const leftColumns = 11;

function drawn({meter, begun}: Piece, ticks: number, width: number, paint: Paint): readonly string[] {
  const seconds = secondsLeft(meter, ticks);
  const left = seconds === undefined ? '' : `~${atMost(seconds)} left`;
  const line = row(meter.progress.says, duration((ticks - begun) / 1000), left, width, paint);
  const far = bar(meter, ticks);
  return far === undefined ? [line] : [line, cut(`${indent}| ${far}`, width)];
}

function row(says: string, took: string, left: string, width: number, paint: Paint): string {
  const room = Math.max(8, width - tookColumns - leftColumns - 2);
  const tail = `${padLeft(took, tookColumns)} ${padLeft(left, leftColumns)}`.trimEnd();
  return `${pad(escapeTo(room, says), room)} ${paint('faint', tail)}`;
}

/** `light iso: fetching packages, 1m00s, 34 %, 113 MB of 334 MB, 1.9 MB/s, ~2min left` */
function beatLine({meter, begun}: Piece, ticks: number): string {
  const seconds = secondsLeft(meter, ticks);
  const parts = [
    escape(meter.progress.says),
    duration((ticks - begun) / 1000),
    barWords(meter, ticks),
    seconds === undefined ? undefined : `~${atMost(seconds)} left`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}
