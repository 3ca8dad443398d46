import type {HostName, Instant, RunId} from '../brand.ts';
import type {Fault} from '../fault.ts';
import type {Holder} from '../journal/journal.ts';
import {count} from './count.ts';
import {clockTime, duration, roughly, secondsBetween, wholeSeconds} from './duration.ts';
import {secondsOf} from './elapsed.ts';
import {cut, escape, escapeTo, width, wrap} from './escape.ts';
import {gateText, gateWords} from './gate.ts';
import {currentStep, doneSteps, numberOf, type History} from './history.ts';
import {holdWords, releaseLines} from './hold.ts';
import {interruptionsOf, tollOf} from './interruptions.ts';
import type {StepHistory} from './step-history.ts';
import type {Paint, Tone} from './paint.ts';
import {nameColumnsOf, rowLines, screenColumns, type Mark} from './row.ts';
import {nextCommand, stateWord, type StateWord} from './state-word.ts';
import {table, type Column} from './table.ts';
import {tollText} from './toll.ts';

/** A host's newest run, and who holds the host now. */
export interface Standing {
  readonly host: HostName;
  readonly run: RunId;
  /** Absent where the record cannot be read; `fault` says why. */
  readonly history?: History;
  readonly holder?: Holder & {readonly expires: Instant};
  readonly fault?: Fault;
}

export interface StatusOptions {
  readonly now: Instant;
  /** The one host that was asked for: it is shown step by step. */
  readonly one?: HostName | undefined;
  readonly lab?: boolean;
}

const heads = ['HOST', 'RUN', 'STATE', 'STEP', 'SINCE', 'BY', 'NEXT'] as const;
type Head = (typeof heads)[number];

export function statusText(standings: readonly Standing[], options: StatusOptions, paint: Paint): readonly string[] {
  const {now, one} = options;
  if (standings.length === 0) return nothing(options);
  const rows = standings.map((standing) => rowOf(standing, now));
  const lines = fitting(rows);
  const words = standings.map((standing) => stateOf(standing));
  const painted = lines.map((line, index) => {
    const word = words[index - 1];
    const tone = word && tones[word];
    return word && tone
      ? line.replace(` ${word} `, ` ${paint(tone, word)} `)
      : index === 0
        ? paint('faint', line)
        : line;
  });
  const [only] = standings;
  return one === undefined || !only?.history
    ? painted
    : [...painted, '', ...steps(only.history, now, paint), ...tail(only, now, paint)];
}

function nothing({one, lab}: StatusOptions): readonly string[] {
  const flag = lab ? ' --lab' : '';
  return one === undefined
    ? ['No host has been rebuilt from here yet.', `    rebuild plan HOST${flag}`]
    : [`${one} has no run here.`, `    rebuild plan ${one}${flag}`];
}

type Word = StateWord | 'unreadable';

const tones: Readonly<Record<Word, Tone | undefined>> = {
  running: 'strong',
  failed: 'bad',
  unsure: 'bad',
  unreadable: 'bad',
  stopped: 'care',
  waits: 'care',
  away: undefined,
  done: 'good',
  abandoned: undefined,
};

const stateOf = ({history, holder}: Standing): Word =>
  history ? stateWord(history, holder !== undefined) : 'unreadable';

function rowOf(standing: Standing, now: Instant): Readonly<Record<Head, string>> {
  const {host, run, history, holder} = standing;
  const state = stateOf(standing);
  if (!history || state === 'unreadable')
    return {
      HOST: escapeTo(40, host),
      RUN: escapeTo(44, run),
      STATE: state,
      STEP: '',
      SINCE: '',
      BY: '',
      NEXT: `report ${escapeTo(44, run)}`,
    };
  const step = currentStep(history);
  const all = history.steps.length;
  const at = step
    ? `${numberOf(history, step.heading.id)}/${all} ${step.heading.id}`
    : `${doneSteps(history).length}/${all}`;
  return {
    HOST: host,
    RUN: run,
    STATE: state,
    STEP: at,
    SINCE: roughly(secondsBetween(sinceOf(history, step), now)),
    BY: escapeTo(20, holder?.who ?? history.sittings.at(-1)?.by ?? ''),
    NEXT: nextCommand(history, state),
  };
}

/** Since when it is in that state: an end, the begin of the running step, or the last that was heard. */
function sinceOf({end, last}: History, step: StepHistory | undefined): Instant {
  if (end.is !== 'open') return end.at;
  return step?.status.is === 'running' ? step.status.since : last;
}

/** The whole table where it fits. What can be had elsewhere goes first: who, then the host that the run's id names too. */
function fitting(rows: readonly Readonly<Record<Head, string>>[]): readonly string[] {
  const choices: readonly (readonly Head[])[] = [
    heads,
    heads.filter((head) => head !== 'BY'),
    heads.filter((head) => head !== 'BY' && head !== 'HOST'),
  ];
  let lines: readonly string[] = [];
  for (const shown of choices) {
    const columns = shown.map((head): Column => ({head, ...(head === 'SINCE' && {align: 'right'})}));
    lines = table(
      columns,
      rows.map((row) => shown.map((head) => row[head])),
    );
    if (lines.every((line) => width(line) < screenColumns)) return lines;
  }
  return lines.map((line) => cut(line, screenColumns - 1));
}

function steps(history: History, now: Instant, paint: Paint): readonly string[] {
  const nameColumns = nameColumnsOf(history.steps.map(({heading}) => heading.id));
  return history.steps.flatMap((step) => {
    const {heading, status} = step;
    const seconds = secondsOf(step, status.is === 'running' ? now : history.last);
    const when = momentOf(step);
    return rowLines(
      {
        mark: marks[status.is],
        number: numberOf(history, heading.id),
        name: heading.id,
        says: gateWords(history, heading.id, now) ?? holdWords(step, now) ?? saysOf(step),
        ...(seconds !== undefined && {took: duration(seconds)}),
        ...(when && {when: clockTime(when)}),
      },
      paint,
      {nameColumns},
    );
  });
}

const marks: Readonly<Record<StepHistory['status']['is'], Mark>> = {
  waiting: '',
  running: '>>',
  unsure: '???',
  done: 'ok',
  failed: 'FAIL',
};

const momentOf = ({status}: StepHistory): Instant | undefined =>
  status.is === 'done' || status.is === 'failed' ? status.at : status.is === 'unsure' ? status.left : undefined;

function saysOf({status, attempts, notes}: StepHistory): string {
  const saved = attempts.reduce((sum, attempt) => sum + attempt.saved, 0);
  const kept = saved ? `, ${count(saved, 'checkpoint')}` : '';
  switch (status.is) {
    case 'waiting':
      return 'waits';
    case 'running':
      return `attempt ${attempts.length}${kept}${notes.length ? `; ${notes.at(-1)?.says}` : ''}`;
    case 'unsure':
      return `outcome never recorded${kept}`;
    case 'done':
      return status.proof.says;
    case 'failed':
      return `${status.fault.code}: ${status.fault.says}`;
    default:
      return status satisfies never;
  }
}

function tail({history, holder}: Standing, now: Instant, paint: Paint): readonly string[] {
  if (!history) return [];
  const held = holder
    ? wrap(
        `Held by ${escapeTo(40, holder.who)}, pid ${holder.pid}, until ${clockTime(holder.expires)}: ${escape(holder.reason)}`,
        screenColumns - 1,
      )
    : [];
  const state = stateWord(history, holder !== undefined);
  const toll = tollText(tollOf(interruptionsOf(history.ledger)));
  const asked =
    state === 'waits'
      ? capital(gateText(history, now, paint))
      : [...gone(history), `    rebuild ${nextCommand(history, state)}`, ...releaseLines(history)];
  return ['', ...held, ...(toll ? [`${toll}.`] : []), ...asked];
}

/** Its first line begins a sentence here. */
const capital = ([first = '', ...rest]: readonly string[]): readonly string[] => [
  first.replace('waits', 'Waits'),
  ...rest,
];

/** Why nothing goes on here. */
const gone = ({end}: History): readonly string[] =>
  end.is === 'away'
    ? wrap(
        `Handed over by ${escape(end.by)} at ${wholeSeconds(end.at)}: it goes on where it was imported. Back here by:`,
        screenColumns - 1,
      )
    : [];
