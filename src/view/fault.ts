import {catalogue} from '../fault-catalogue.ts';
import type {Fault} from '../fault.ts';
import type {Place} from '../runbook/runbook.ts';
import {count} from './count.ts';
import {escape, wrap} from './escape.ts';
import {doneSteps, type History} from './history.ts';
import type {StepHistory} from './step-history.ts';
import type {Paint} from './paint.ts';
import {screenColumns} from './row.ts';

/** Where a fault came up, as far as it is known; a fault before any run has neither. */
export interface Scene {
  readonly history?: History;
  readonly step?: StepHistory;
  /** Where the step stands in its runbook, when there is no run yet. */
  readonly place?: Place;
  /** For "HOST" in advice when there is no run yet. */
  readonly host?: string;
  readonly lab?: boolean;
}

/** What, where, what it means, what state the machine is in, what to type. */
export function faultScreen(fault: Fault, scene: Scene, paint: Paint): readonly string[] {
  const {means, next} = catalogue[fault.code];
  const {history, step, place = step?.heading.place} = scene;
  const more = [
    `rebuild explain ${fault.code}`,
    ...(history && step ? [`rebuild log ${history.run} --step ${step.heading.id}${history.lab ? ' --lab' : ''}`] : []),
  ];
  return [
    ...entry(`${paint('bad', 'fault')} ${fault.code}:`, `fault ${fault.code}:`.length, fault.says),
    ...(place ? field('where', `${placeText(place)}${step ? `, attempt ${step.attempts.length}` : ''}`) : []),
    ...field('means', means),
    ...field('state', fault.state ?? stateText(fault, scene) ?? ''),
    ...field('next', advice(fault.next ?? next, scene)),
    ...field('more', more.join('  |  ')),
  ];
}

export const placeText = ({file, line, column}: Place): string => `${file}:${line}:${column}`;

/** HOST and RUN in the catalogue's advice become the names at hand; a lab run goes on in the lab. */
function advice(text: string, {history, host, lab}: Scene): string {
  const named = text.replaceAll('HOST', history?.host ?? host ?? 'HOST').replaceAll(/\bRUN\b/g, history?.run ?? 'RUN');
  return (history?.lab ?? lab)
    ? named.replaceAll(
        /rebuild (?:(?:resume|plan|run|undo|log|report|status|abandon|approve|release|stop|export) [a-z][a-z0-9-]*|import FILE)/g,
        '$& --lab',
      )
    : named;
}

/** What is on record, where the place that failed does not know better. */
function stateText({code}: Fault, {history, step}: Scene): string | undefined {
  if (!history) return undefined;
  const done = doneSteps(history).map(({heading}) => heading.id);
  const unsure = step?.effects.filter(({is}) => is === 'sent').map(({effect}) => effect) ?? [];
  const accepted = step?.effects.filter(({is}) => is === 'settled' || is === 'present').map(({effect}) => effect) ?? [];
  const saved = step?.attempts.reduce((sum, attempt) => sum + attempt.saved, 0) ?? 0;
  return [
    done.length ? `done and proved: ${done.join(', ')}` : 'no step is done yet',
    ...(saved ? [`${count(saved, 'checkpoint')} of ${step?.heading.id} kept`] : []),
    ...(accepted.length ? [`accepted, ${sentAgain(code)}: ${accepted.join(', ')}`] : []),
    ...(unsure.length ? [`sent, outcome unknown: ${unsure.join(', ')}`] : []),
  ].join('; ');
}

/** What a disk has accepted and then failed at is the one thing that a resume begins anew. */
const sentAgain = (code: Fault['code']): string =>
  code === 'disk.write-failed' ? 'will be sent again only if it failed' : 'will not be sent again';

const indent = 9;

const field = (name: string, text: string): readonly string[] =>
  text === '' ? [] : entry(`  ${name.padEnd(6)}`, 8, text);

function entry(head: string, headWidth: number, text: string): readonly string[] {
  const room = screenColumns - 1 - indent;
  const safe = whole(escape(text), room);
  // The first line has its own room: a fault's code is longer than a field's name.
  const lines = wrap(safe, room);
  const first = wrap(safe, screenColumns - 2 - headWidth);
  if (first.length === 1 || headWidth + 1 <= indent)
    return [`${head} ${lines[0] ?? ''}`, ...lines.slice(1).map((line) => ' '.repeat(indent) + line)].map(apart);
  return [head, ...lines.map((line) => ' '.repeat(indent) + line)].map(apart);
}

// Safe text has no NUL, so it can stand for a space at which no line is broken: a command is copied as a whole.
const whole = (text: string, room: number): string =>
  text.replaceAll(/\brebuild [a-z]+(?: [a-z0-9.-]+)?(?: --?[a-z-]+(?: [\w./~@+-]+)?)*/g, (command) =>
    command.length > room ? command : command.replaceAll(' ', '\0'),
  );
const apart = (line: string): string => line.replaceAll('\0', ' ');
