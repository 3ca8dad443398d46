import type {Certificate} from '../certificate/certificate.ts';
import type {Account, DiskAccount, UnprovedEntry, Unreadable} from './account.ts';
import type {Deviation} from './deviations.ts';
import {breachTable, breakText, type BrokenChain} from './breach.ts';
import {count} from './count.ts';
import {clockTime, duration, minute} from './duration.ts';
import {escape, escapeTo, pad, padLeft, wrap} from './escape.ts';
import type {JsonObject} from '../json.ts';
import {figureTexts} from './figures-text.ts';
import {code, codeBlock} from './markdown.ts';
import {nameColumnsOf, screenColumns} from './row.ts';
import type {RunSummary, StepSummary} from './summary.ts';
import {table} from './table.ts';
import {timeline} from './timeline.ts';
import {tollTable, tollWords} from './toll.ts';
import {verificationText} from './verification.ts';

/** The post-mortem in Markdown, readable as it is. A broken chain is said before anything that rests on it. */
export function reportText(account: Account): readonly string[] {
  const {summary, chain, rebuild, disks, digests, deviations, events} = account;
  const span = `${minute(summary.begun)} to ${minute(summary.ended)}`;
  return [
    ...(chain.holds ? [] : [...brokenChain(chain), '']),
    `# ${summary.run}: ${chain.holds ? titles[summary.result] : 'not proved'}`,
    '',
    ...item(`${span}, ${duration(summary.seconds)}${promise(account)}`),
    ...item(`by ${[...new Set(summary.by)].map(code).join(', ')}${summary.lab ? ', in the lab' : ''}`),
    ...machine(account.facts),
    ...item(
      `plan ${code(summary.plan.slice(0, 8))}, runbook ${code(summary.runbook.slice(0, 8))}, rebuild ${escape(rebuild)}`,
    ),
    ...item(
      `journal: ${count(events.length, 'event')}, ${chain.holds ? 'chain ok' : 'CHAIN BROKEN: no more are proved'}`,
    ),
    '',
    '## Numbers',
    '',
    ...codeBlock(figures(account)),
    '',
    '## Proofs',
    '',
    ...codeBlock(proofs(summary.steps)),
    '',
    ...verification(summary.steps),
    '## What each interruption cost',
    '',
    ...interruptions(summary),
    '',
    ...(account.gate ? ['## Approvals', '', ...gateItems(account.gate, summary), ''] : []),
    '## Disks',
    '',
    ...(disks.length ? disks.flatMap(diskItem) : ['No erase was sent to any disk.']),
    ...account.certificates.flatMap((one) => certificateItem(one)),
    '',
    '## Deviations',
    '',
    ...(deviations.length ? deviations.flatMap(deviationItem) : ['None.']),
    '',
    '## Not done',
    '',
    ...account.notDone.flatMap((text) => item(escape(text))),
    '',
    '## For people to write',
    '',
    ...account.prompts.flatMap(({asks}) => [...item(`${asks}:`), '']),
    '## Timeline',
    '',
    ...codeBlock(timeline(events)),
    ...unprovedText(account.unproved),
    '',
    '## Digests and keys',
    '',
    ...codeBlock(digests.flatMap(({name, value}) => [escape(name), `    ${escape(value)}`])),
  ];
}

/** Nothing where no step has left what it saw. */
function verification(steps: readonly StepSummary[]): readonly string[] {
  const lines = verificationText(steps).flatMap((line) => wrap(line, screenColumns - 1));
  return lines.length === 0 ? [] : ['## Isolation and verification', '', ...codeBlock(lines), ''];
}

/** The report of a run of which nothing is proved. */
export const unreadableText = ({run, chain, unproved}: Unreadable): readonly string[] => [
  ...(chain.holds ? [] : brokenChain(chain)),
  '',
  `# ${escape(run)}: not proved`,
  ...unprovedText(unproved),
];

function unprovedText(unproved: readonly UnprovedEntry[]): readonly string[] {
  if (unproved.length === 0) return [];
  const columns = [
    {head: 'row', align: 'right'},
    {head: 'entry', align: 'right'},
    {head: 'at'},
    {head: 'event'},
  ] as const;
  const rows = unproved.map(({row, seq, at, type}) => [
    String(row),
    String(seq),
    escapeTo(24, at),
    type ?? 'none that can be read',
  ]);
  return ['', '## What stands in the file and is not proved', '', ...codeBlock(table(columns, rows))];
}

export function brokenChain(chain: BrokenChain): readonly string[] {
  return [
    ...wrap(`**${breakText(chain)}**`, screenColumns - 1),
    ...(chain.where ? ['', ...codeBlock(breachTable(chain.where))] : []),
    '',
    ...wrap(
      'What follows is an account of the entries before that place alone. An entry was changed or removed after it was written: nothing from there on proves anything. Keep the file as it is.',
      screenColumns - 1,
    ),
  ];
}

export const titles = {
  done: 'rebuilt',
  failed: 'failed, open',
  stopped: 'stopped, open',
  waits: 'waits for people, open',
  away: 'handed over, open',
  running: 'still running',
  unsure: 'no word from its controller, open',
  abandoned: 'abandoned',
} as const;

function promise({summary: {seconds, promiseSeconds, result}}: Account): string {
  if (promiseSeconds === null) return '';
  if (result !== 'done' && seconds <= promiseSeconds) return `; ${duration(promiseSeconds)} were promised`;
  return seconds <= promiseSeconds
    ? `, within the ${duration(promiseSeconds)} promised`
    : `, ${duration(seconds - promiseSeconds)} later than the ${duration(promiseSeconds)} promised`;
}

function machine(facts: JsonObject): readonly string[] {
  const found = facts['machine'];
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return [];
  const {vendor, model, serial} = found as JsonObject;
  const name = [vendor, model].filter((part): part is string => typeof part === 'string').join(' ');
  return item(`machine ${code(name)}, serial ${code(typeof serial === 'string' ? serial : 'unknown')}`);
}

function figures({figures, summary}: Account): readonly string[] {
  const {mediaLosses} = summary;
  const all = [
    ...figureTexts(figures),
    ...(mediaLosses
      ? [{name: 'media', value: count(mediaLosses, 'loss', 'losses'), says: 'while a medium was needed'}]
      : []),
  ];
  const names = Math.max(...all.map(({name}) => name.length));
  const values = Math.max(...all.map(({value}) => value.length));
  return all.flatMap(({name, value, says}) => {
    const head = `${pad(name, names)}  ${padLeft(value, values)}  `;
    const [first = '', ...rest] = wrap(escape(says), screenColumns - 1 - head.length);
    return [`${head}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(head.length) + line)];
  });
}

function interruptions({interruptions: all}: RunSummary): readonly string[] {
  return all.length ? codeBlock([...tollTable(all), '', ...tollWords(all)]) : ['Nothing broke in.'];
}

function proofs(steps: readonly StepSummary[]): readonly string[] {
  const names = nameColumnsOf(steps.map(({id}) => id));
  return steps.flatMap(({id, state, seconds, proof, fault, attempts}, index) => {
    const head = `${String(index + 1).padStart(2)} ${pad(id, names)} ${pad(seconds === null ? '' : duration(seconds), 7)} `;
    const tries = attempts > 1 ? ` (${attempts} attempts)` : '';
    const says = proof?.says ?? (fault ? `${state}: ${fault.code}: ${fault.says}` : state);
    const [first = '', ...rest] = wrap(escape(says) + tries, screenColumns - 1 - head.length);
    return [head + first, ...rest.map((line) => ' '.repeat(head.length) + line)];
  });
}

function gateItems({terms, approvals}: NonNullable<Account['gate']>, {gates}: RunSummary): readonly string[] {
  const {requester} = terms;
  return [
    ...item(
      `before ${terms.steps.join(', ')}: ${count(terms.approvers, 'approval')}, each good for ${duration(terms.withinSeconds)}`,
    ),
    ...item(`asked by ${code(requester.principal)} (${code(requester.statement.by)}), key ${code(requester.key)}`),
    ...approvals.flatMap(({at, approval: {principal, key, statement}}) =>
      item(
        `${clockTime(at)} ${code(principal)} (${code(statement.by)}), key ${code(key)}: ${statement.why ? code(statement.why) : 'no reason given'}`,
      ),
    ),
    ...gates.flatMap(({step, reached, opened, waitedSeconds, approvedBy}) =>
      item(
        opened === null
          ? `${step} waits since ${clockTime(reached)}, ${duration(waitedSeconds)} so far`
          : `${step} waited ${duration(waitedSeconds)}, opened ${clockTime(opened)} by ${approvedBy.map(code).join(', ')}`,
      ),
    ),
  ];
}

function diskItem({serial, outcome, method, at}: DiskAccount): readonly string[] {
  const how = method === undefined ? '' : ` by ${code(method)}`;
  return item(`${code(serial)}: ${outcome}${how}${at ? ` (recorded ${clockTime(at)})` : ''}`);
}

function certificateItem({serial, standard, category, level, technique, verification, validation}: Certificate) {
  const name = category === 'none' ? `not a sanitization (${level})` : `${standard} ${category}`;
  return item(
    `${code(serial)}: ${name}, ${technique}; verification ${verification.result} (${verification.compared} of ${verification.places} places, ${verification.percent} %), validation: ${validation.decision} by ${validation.by.map(code).join(', ')}`,
  );
}

function deviationItem({at, kind, step, says}: Deviation): readonly string[] {
  return item(`${clockTime(at)} ${step ? `${step} ` : ''}${kind}: ${code(says)}`);
}

/** A list item, folded. A fold inside a code span is a space to Markdown. */
const item = (text: string): readonly string[] =>
  wrap(text, screenColumns - 3).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
