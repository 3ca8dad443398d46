import type {Json, JsonObject} from '../json.ts';
import {own, type Difference, type Differences} from '../plan/difference.ts';
import type {PlanDocument} from '../plan/document-schema.ts';
import type {Plan} from '../plan/plan.ts';
import {bytes} from './bytes.ts';
import {count} from './count.ts';
import {clockTime} from './duration.ts';
import {escape, escapeTo, wrap} from './escape.ts';
import type {Paint} from './paint.ts';
import {factsIn, hostAs, type PlanOptions} from './plan.ts';
import {makeText} from './plan-disks.ts';
import {screenColumns} from './row.ts';

/** A saved plan, and what would be planned now. */
export interface Compared {
  readonly file: string;
  readonly before: PlanDocument;
  readonly now: PlanDocument;
  readonly differences: Differences;
}

/** Whether a plan still fits the world, and if not, everything that differs. */
export function fitText(plan: Pick<Plan, 'digest' | 'facts'>, stale: readonly Difference[]): readonly string[] {
  const read = `${count(factsIn(plan), 'fact')} read again`;
  const short = plan.digest.slice(0, 8);
  if (stale.length === 0) return [`Plan ${short} still fits: ${read}, 0 differ.`];
  return [
    `Plan ${short} is stale: ${read}, ${count(stale.length, 'difference')}.`,
    ...stale.flatMap((each) => differenceText(each)),
  ];
}

/** What `rebuild plan HOST --against FILE` says. */
export function comparedText(
  {file, before, now, differences}: Compared,
  how: Pick<PlanOptions, 'lab' | 'runbook'>,
  paint: Paint,
): readonly string[] {
  const {stale, moved} = differences;
  const named = escape(file);
  const host = hostAs(now.host, how);
  return [
    `${named}: plan ${before.digest.slice(0, 8)}, read ${before.readAt.slice(0, 10)} ${clockTime(before.readAt)}`,
    `now:${' '.repeat(Math.max(0, named.length - 3))} plan ${now.digest.slice(0, 8)}, read ${now.readAt.slice(0, 10)} ${clockTime(now.readAt)}`,
    '',
    ...(moved.length === 0 ? [] : ['Moved, as was expected:', ...moved.flatMap((each) => differenceText(each)), '']),
    ...(stale.length === 0
      ? [
          paint('good', `It still fits: ${count(factsIn(now), 'fact')} read again, 0 differ.`),
          `    rebuild run ${host} --plan ${named}`,
        ]
      : [
          paint('bad', `It is stale: ${count(stale.length, 'difference')}. run --plan would refuse it.`),
          ...stale.flatMap((each) => differenceText(each)),
          '',
          'To review what would be done now:',
          `    rebuild plan ${host} -o ${named}`,
        ]),
  ].flatMap((line) => (line === '' ? [''] : wrap(line, screenColumns - 1)));
}

function differenceText({about, name, before, now}: Difference): readonly string[] {
  const label = about === 'fact' || about === name ? name : `${about} ${name}`;
  if (about === 'disk') return pairText(label, diskWords(before), diskWords(now));
  return isObject(before) && isObject(now)
    ? changedParts(before, now).flatMap(([part, old, fresh]) =>
        pairText(`${label}.${part}`, valueText(old), valueText(fresh)),
      )
    : pairText(label, valueText(before), valueText(now));
}

const pairText = (label: string, before: string, now: string): readonly string[] => [
  escapeTo(columns, `  ${label}`),
  escapeTo(columns, `    was  ${before}`),
  escapeTo(columns, `    is   ${now}`),
];

/** A disk without its serial number, which is the difference's name. */
function diskWords(disk: Json): string {
  if (!isObject(disk)) return 'not there';
  const text = (key: string): string => (typeof disk[key] === 'string' ? disk[key] : '');
  if (disk['unseen'] === true) return `${text('name')}, not there`;
  const make = makeText({vendor: text('vendor'), model: text('model')});
  return [bytes(Number(disk['sizeBytes'])), make, text('name')].filter(Boolean).join('  ');
}

/** Of two values with parts only the parts that differ are shown. */
const changedParts = (before: JsonObject, now: JsonObject): readonly (readonly [string, Json, Json])[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .map((part) => [part, own(before, part), own(now, part)] as const)
    .filter(([, old, fresh]) => JSON.stringify(old) !== JSON.stringify(fresh));

/** An effect and a fault have a line of their own. */
function valueText(value: Json): string {
  if (value === null) return '(none)';
  if (isObject(value) && typeof value['says'] === 'string') return value['says'];
  return escape(JSON.stringify(value));
}

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const columns = screenColumns - 1;
