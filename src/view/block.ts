import type {Instant, StepId} from '../brand.ts';
import {isOpen} from '../gate/judge.ts';
import {bar} from './bar.ts';
import {atMost, clockTime, duration, span} from './duration.ts';
import {secondsOf} from './elapsed.ts';
import {clip, cut, wrap} from './escape.ts';
import {tallyOf} from './gate.ts';
import {numberOf, type History} from './history.ts';
import type {StepHistory} from './step-history.ts';
import {secondsLeft, type Meter} from './meter.ts';
import {plainPaint, type Paint} from './paint.ts';
import {chanceText, readingText} from './reading.ts';
import {nameColumnsOf, rowLines, screenColumns} from './row.ts';

/** How long steps are expected to take, from measured rates; a step without an entry is not guessed at. */
export type Forecast = ReadonlyMap<StepId, {readonly from: number; readonly to: number}>;

export interface Scene {
  readonly history: History;
  readonly meter: Meter | undefined;
  readonly now: Instant;
  readonly ticks: number;
  readonly forecast: Forecast;
  /** Columns and rows of the terminal. */
  readonly columns: number;
  readonly rows: number;
  /** What Ctrl-C does now. */
  readonly hint: string;
}

const indent = '       ';

function fullBlock(scene: Scene, paint: Paint): readonly string[] {
  const {history, columns, rows} = scene;
  if (history.end.is !== 'open') return [];
  const width = Math.max(narrow, Math.min(columns, screenColumns)) - 1;
  const running = history.steps.find(({status}) => status.is === 'running');
  const lines = [
    // The cursor rests here between frames: a row that is empty is folded by no terminal, and an echoed ^C hurts nothing.
    '',
    ...(running ? runningLines(scene, running, paint, width) : []),
    ...ahead(scene, width),
    paint('faint', cut(`${indent}${scene.hint}`, width)),
  ];
  // One row stays free: a block as high as the screen would scroll itself away with every frame.
  return lines.slice(0, Math.max(1, rows - 1));
}

// A live view is begun on sixty columns or more; a window that was made narrower than that still gets whole rows.
const narrow = 60;

/** The part of a live run's screen that is redrawn: what runs, what follows, and how to leave. Never wider than the terminal. */
export function block(scene: Scene, paint: Paint): readonly string[] {
  const {columns} = scene;
  if (columns >= narrow) return fullBlock(scene, paint);
  return fullBlock(scene, plainPaint).map((line) => clip(line, Math.max(1, columns - 1)));
}

function runningLines(scene: Scene, step: StepHistory, paint: Paint, width: number): readonly string[] {
  const {history, meter, now, columns} = scene;
  const nameColumns = nameColumnsOf(history.steps.map(({heading}) => heading.id));
  const attempt = step.attempts.at(-1);
  const far = meter && bar(meter, scene.ticks);
  const reading = meter?.progress.medium;
  const again = attempt && attempt.number > 1 ? `attempt ${attempt.number}` : 'begun';
  return [
    ...rowLines(
      {
        mark: '>>',
        number: numberOf(history, step.heading.id),
        name: step.heading.id,
        says: meter ? `${meter.progress.says}${reading ? chanceText(reading) : ''}` : again,
        took: duration(secondsOf(step, now) ?? 0),
        when: left(scene, step) ?? clockTime(now),
      },
      paint,
      {columns, nameColumns, once: true},
    ),
    ...[far, reading && readingText(reading)].flatMap((line) =>
      line === undefined ? [] : [cut(`${indent}| ${line}`, width)],
    ),
  ];
}

/** Time left at the rate of late; where there is no rate, the forecast; where there is none, nothing is made up. */
function left({meter, ticks, forecast}: Scene, {heading}: StepHistory): string | undefined {
  const seconds = meter && secondsLeft(meter, ticks);
  if (seconds !== undefined) return `~${atMost(seconds)} left`;
  const expected = forecast.get(heading.id);
  return expected && `of ${span(expected)}`;
}

/** The next step with its forecast, then the rest by name. */
function ahead({history, forecast, now}: Scene, width: number): readonly string[] {
  const tally = tallyOf(history, now);
  const agreed = tally !== undefined && isOpen(tally);
  const waiting = history.steps.filter(({status}) => status.is === 'waiting');
  const names = waiting.map(({heading}) => {
    const seconds = forecast.get(heading.id);
    const people = history.gate?.terms.steps.includes(heading.id) && !agreed ? ' (waits for people)' : '';
    return `${numberOf(history, heading.id)} ${heading.id}${seconds ? ` ${span(seconds)}` : ''}${people}`;
  });
  if (names.length === 0) return [];
  // Names hold together: a break inside "5 install 6-11min" would read as two steps.
  const joined = names.map((name) => name.replaceAll(' ', '\u0000')).join('   ');
  const lines = wrap(joined, width - indent.length).map((line) => line.replaceAll('\u0000', ' ').trim());
  const shown = lines.slice(0, 2);
  return shown.map((line, index) => cut(`${indent}${line}${index === 1 && lines.length > 2 ? ' ...' : ''}`, width));
}
