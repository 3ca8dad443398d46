import type {Instant} from '../../brand.ts';
import type {Account, SittingAccount} from '../account.ts';
import {count} from '../count.ts';
import {clockTime, duration, secondsBetween} from '../duration.ts';
import {cut} from '../escape.ts';
import type {Interruption} from '../interruptions.ts';
import {grouped} from '../toll.ts';
import {scaleOf, type Scale, type Stretch} from './scale.ts';

/** What is drawn of a run: lanes of bars and marks, every place from 0 to 1. */
export interface Drawing {
  readonly scale: Scale;
  readonly lanes: readonly Lane[];
  /** Where the promised time ends; undefined where that is outside of the drawing. */
  readonly promise: number | undefined;
}

export interface Lane {
  readonly name: string;
  readonly aside: string;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly look: Look;
  /** For whoever points at it; our own words. */
  readonly says: string;
}

export type Look = 'down' | 'here' | 'gone' | 'waited' | 'paused' | 'gate' | 'done' | 'failed' | 'left' | 'open';

export interface Mark {
  readonly at: number;
  readonly shape: Shape;
  /** Its row in the table of interruptions; undefined where there is no room for it. */
  readonly number: number | undefined;
}

export type Shape = 'medium' | 'link' | 'target' | 'other';

// Two labels of the axis, and two numbers, on a screen of 320 columns.
const labelsApart = 0.24;
const numbersApart = 0.05;
// A step of a moment is still to be seen.
const thinnest = 0.004;

export function drawingOf(account: Account): Drawing {
  const {summary, attempts, sittings, figures} = account;
  const ended = attempts.reduce<Instant>((last, {ended}) => (ended && ended > last ? ended : last), summary.ended);
  const whole = {from: summary.begun, to: ended};
  const busy: readonly Stretch[] = attempts.map(({begun, ended}) => ({from: begun, to: ended ?? whole.to}));
  const scale = scaleOf(whole, busy, labelsApart);
  const bar = (from: Instant, to: Instant, look: Look, says: string): Bar => {
    const begin = Math.min(scale.at(from), 1 - thinnest);
    const text = `${says}, ${clockTime(from)} to ${clockTime(to)}, ${duration(secondsBetween(from, to))}`;
    return {from: begin, to: Math.max(scale.at(to), begin + thinnest), look, says: text};
  };
  return {
    scale,
    lanes: [
      ...downLanes(account, bar, whole.to),
      controllerLane(sittings, bar),
      ...stepLanes(account, scale, bar, whole.to),
    ],
    promise: promiseAt(figures.promise?.promisedSeconds, whole, scale),
  };
}

type MakeBar = (from: Instant, to: Instant, look: Look, says: string) => Bar;

function downLanes({figures}: Account, bar: MakeBar, end: Instant): readonly Lane[] {
  const {serviceDown, machineDown} = figures;
  return (
    [
      ['service down', serviceDown],
      ['machine down', machineDown],
    ] as const
  ).flatMap(([name, figure]) =>
    figure
      ? [
          {
            name,
            aside: `${duration(figure.seconds)}${figure.to === null ? ', still' : ''}`,
            bars: [bar(figure.from, figure.to ?? end, 'down', name)],
            marks: [],
          },
        ]
      : [],
  );
}

const gapLooks = {
  'no word': ['gone', 'controller gone'],
  failed: ['waited', 'failed, nobody resumed it'],
  interrupted: ['paused', 'stopped inside a step'],
  asked: ['paused', 'stopped as asked'],
  until: ['paused', 'stopped by --until'],
  gate: ['gate', 'waits for people'],
  'handed over': ['paused', 'handed over'],
  ended: ['paused', 'ended'],
} as const;

function controllerLane(sittings: readonly SittingAccount[], bar: MakeBar): Lane {
  const bars = sittings.flatMap(({begun, ended, left}, index) => {
    const next = sittings[index + 1];
    const own = bar(begun, ended, 'here', `controller at work, sitting ${index + 1}`);
    if (!next || !left) return [own];
    const [look, says] = gapLooks[left];
    return [own, bar(ended, next.begun, look, says)];
  });
  return {name: 'controller', aside: count(sittings.length, 'sitting'), bars, marks: []};
}

function stepLanes(account: Account, scale: Scale, bar: MakeBar, end: Instant): readonly Lane[] {
  const {summary, attempts} = account;
  const numbered = numberedOf(summary.interruptions, scale);
  return summary.steps.map(({id, seconds, attempts: tries, state}, index): Lane => {
    const own = attempts.filter(({step}) => step === id);
    const gates = summary.gates.filter(({step}) => step === id);
    return {
      name: `${index + 1} ${cut(id, 18)}`,
      aside: [
        tries > 1 ? count(tries, 'attempt') : '',
        state === 'done' ? '' : state,
        seconds === null ? '' : duration(seconds),
      ]
        .filter(Boolean)
        .join(', '),
      bars: [
        ...gates.map(({reached, opened}) => bar(reached, opened ?? end, 'gate', 'waits for people')),
        ...own.map(({begun, ended, end: how, number}) => bar(begun, ended ?? end, how, `attempt ${number}: ${how}`)),
      ],
      marks: numbered.filter(({step}) => step === id).map(({mark}) => mark),
    };
  });
}

/** Each interruption that met a step, as a mark with its row in the table, as far as there is room for the number. */
function numberedOf(all: readonly Interruption[], scale: Scale): readonly {step: string | null; mark: Mark}[] {
  const lastAt = new Map<string | null, number>();
  let row = 0;
  return grouped(all).flatMap((group) => {
    row += 1;
    const {cause, step} = group;
    // A gap is a bar of the controller's lane.
    if (cause === 'controller gone' || cause === 'waited') return [];
    const alike = all.filter((each) => each.cause === cause && each.step === step && each.over === group.over);
    const from = alike.findIndex(({at}) => at === group.at);
    return alike.slice(from, from + group.times).map(({at}, index) => {
      const place = scale.at(at);
      const room = index === 0 && place - (lastAt.get(step) ?? -1) >= numbersApart;
      if (room) lastAt.set(step, place);
      return {step, mark: {at: place, shape: shapeOf(cause), number: room ? row : undefined}};
    });
  });
}

function shapeOf(cause: Interruption['cause']): Shape {
  if (cause === 'medium lost' || cause === 'medium unread') return 'medium';
  if (cause === 'link cut') return 'link';
  return cause === 'target restarted' ? 'target' : 'other';
}

function promiseAt(seconds: number | undefined, {from, to}: Stretch, scale: Scale): number | undefined {
  if (seconds === undefined || seconds > secondsBetween(from, to)) return undefined;
  return scale.at(new Date(Date.parse(from) + seconds * 1000).toISOString() as Instant);
}
