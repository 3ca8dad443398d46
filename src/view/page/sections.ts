import type {Certificate} from '../../certificate/certificate.ts';
import type {Stored} from '../../engine/event.ts';
import type {Json} from '../../json.ts';
import type {Account, UnprovedEntry} from '../account.ts';
import {bytes} from '../bytes.ts';
import {count} from '../count.ts';
import {clockTime, duration, span} from '../duration.ts';
import type {StepForecast} from '../figures.ts';
import {tollOf} from '../interruptions.ts';
import {happenings} from '../timeline.ts';
import {grouped} from '../toll.ts';
import {html, type Content, type Markup} from './markup.ts';

interface Column {
  readonly head: string;
  readonly kind?: 'right' | 'time' | 'words';
}

/**
 * A table whose rows become paragraphs where there is no width for columns; each cell then says what it is. A column in
 * which nothing stands is left out.
 */
function table(all: readonly Column[], cells: readonly (readonly Content[])[]): Markup {
  const shown = all.map((_, index) => cells.some((row) => row[index] !== ''));
  const columns = all.filter((_, index) => shown[index]);
  const rows = cells.map((row) => row.filter((_, index) => shown[index]));
  return html`<div class="scroll">
    <table class="stack">
      <thead>
        <tr>
          ${columns.map(({head, kind}) => html`<th scope="col" class="${kind ?? ''}">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${columns.map(({head, kind}, index) => html`<td class="${kind ?? ''}" data-head="${head}">${row[index]}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

const list = (items: readonly Content[]): Markup =>
  html`<ul class="plain">
    ${items.map((item) => html`<li>${item}</li>`)}
  </ul>`;

const time = (at: string): Markup => html`<time datetime="${at}">${clockTime(at as never)}</time>`;

/** Each step, what it came to, and what shows it. */
export function proofs({summary, figures}: Account): Markup {
  const forecasts = new Map(figures.forecast?.steps.map((each) => [each.step, each]));
  return table(
    [
      {head: '#', kind: 'right'},
      {head: 'step'},
      {head: 'state'},
      {head: 'took', kind: 'right'},
      {head: 'forecast', kind: 'right'},
      {head: 'tries', kind: 'right'},
      {head: 'proof', kind: 'words'},
    ],
    summary.steps.map(({id, kind, state, attempts, seconds, proof, fault}, index) => [
      index + 1,
      html`<strong>${id}</strong> <span class="soft">${kind}</span>`,
      html`<span class="state ${state}">${state}</span>`,
      seconds === null ? '' : duration(seconds),
      forecastCell(forecasts.get(id)),
      attempts > 1 ? attempts : '',
      [
        proof?.says ?? (fault ? html`<code>${fault.code}</code> ${fault.says}` : ''),
        proof ? html`<div class="soft mono">${dataText(proof.data)}</div>` : '',
      ],
    ]),
  );
}

function forecastCell(forecast: StepForecast | undefined): string {
  if (!forecast) return '';
  const {fromSeconds, toSeconds, errorSeconds} = forecast;
  const off = errorSeconds === 0 ? '' : ` (${errorSeconds > 0 ? '+' : '-'}${duration(Math.abs(errorSeconds))})`;
  return `${span({from: fromSeconds, to: toSeconds})}${off}`;
}

/** A proof's data in one line; what is long is in the JSON. */
const dataText = (data: Readonly<Record<string, Json>>): string =>
  Object.entries(data)
    .map(([name, value]) => `${name}=${short(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ');

const short = (text: string): string => (text.length > 90 ? `${text.slice(0, 80)}…` : text);

/** What broke in; the numbers are those of the picture. */
export function interruptions({summary: {interruptions: all}}: Account): Markup {
  if (all.length === 0) return html`<p>Nothing broke in.</p>`;
  const sum = tollOf(all);
  const rows = grouped(all).map(({at, cause, step, seconds, bytesAgain, attempts, over, times, says}, index) => [
    index + 1,
    time(at),
    times > 1 ? `${cause}, ${count(times, 'time')}` : cause,
    step ?? '',
    seconds === 0 ? (over ? 'nothing' : '') : duration(seconds),
    bytesAgain === 0 ? '' : bytes(bytesAgain),
    attempts === 0 ? '' : attempts,
    [says, over ? '' : html` <strong>Not made up for.</strong>`],
  ]);
  return table(
    [
      {head: '#', kind: 'right'},
      {head: 'noticed', kind: 'time'},
      {head: 'what'},
      {head: 'in'},
      {head: 'cost', kind: 'right'},
      {head: 'again', kind: 'right'},
      {head: 'tries', kind: 'right'},
      {head: 'what was seen', kind: 'words'},
    ],
    [
      ...rows,
      [
        '',
        '',
        html`<strong>together</strong>`,
        '',
        duration(sum.seconds),
        sum.bytesAgain === 0 ? '' : bytes(sum.bytesAgain),
        '',
        'Seconds in which nothing new was gained; what the target did by itself while nobody was there is not in them.',
      ],
    ],
  );
}

export function approvals(gate: NonNullable<Account['gate']>, {summary: {gates}}: Account): Markup {
  const {terms} = gate;
  const {requester} = terms;
  const asked = html`before ${terms.steps.join(', ')}: ${count(terms.approvers, 'approval')}, each good for
  ${duration(terms.withinSeconds)}`;
  const waits = gates.map(({step, reached, opened, waitedSeconds, approvedBy}) =>
    opened === null
      ? html`${step} waits since ${time(reached)}, ${duration(waitedSeconds)} so far`
      : html`${step} waited ${duration(waitedSeconds)}, opened ${time(opened)} by ${approvedBy.join(', ')}`,
  );
  return html`${list([asked, ...waits])}
  ${table(
    [
      {head: 'when', kind: 'time'},
      {head: 'who', kind: 'words'},
      {head: 'what', kind: 'words'},
      {head: 'key', kind: 'words'},
    ],
    [
      ['', `${requester.principal} (${requester.statement.by})`, 'asked', html`<code>${requester.key}</code>`],
      ...gate.approvals.map(({at, approval: {principal, key, statement}}) => [
        time(at),
        `${principal} (${statement.by})`,
        `approved: ${statement.why || 'no reason given'}`,
        html`<code>${key}</code>`,
      ]),
    ],
  )}`;
}

export function disks({disks: all, certificates}: Account): Markup {
  if (all.length === 0) return html`<p>No erase was sent to any disk.</p>`;
  return html`${list(
    all.map(
      ({serial, outcome, method, at}) =>
        html`<code>${serial}</code>:
          ${outcome}${method === undefined ? '' : ` by ${method}`}${at ? html` (recorded ${time(at)})` : ''}`,
    ),
  )}${certificates.length === 0 ? undefined : list(certificates.map((one) => certificateItem(one)))}`;
}

const certificateItem = ({serial, standard, category, level, technique, verification, validation}: Certificate) =>
  html`Certificate of <code>${serial}</code>:
    ${category === 'none' ? `not a sanitization (${level})` : `${standard} ${category}`}, ${technique}; verification
    ${verification.result} (${verification.places} places, ${verification.percent} %), validation:
    ${validation.decision} by ${validation.by.join(', ')}`;

export const deviations = ({deviations: all}: Account): Markup =>
  all.length === 0
    ? html`<p>None.</p>`
    : table(
        [{head: 'when', kind: 'time'}, {head: 'step'}, {head: 'what'}, {head: 'said', kind: 'words'}],
        all.map(({at, step, kind, says}) => [time(at), step ?? 'run', kind, says]),
      );

/** Room for a person's hand, on paper or in an editor. */
export const prompts = ({prompts: all}: Account): Markup =>
  html`${all.map(({asks}) => html`<p class="ask">${asks}:</p> `)}`;

/** The picture in words. */
export const timelineTable = (events: readonly Stored[]): Markup =>
  table(
    [{head: 'when', kind: 'time'}, {head: 'step'}, {head: 'what happened', kind: 'words'}],
    happenings(events).map(({at, subject, says}) => [time(at), subject, says]),
  );

export const digests = ({digests: all}: Account): Markup =>
  html`<dl class="facts">
    ${all.map(
      ({name, value}) =>
        html`<dt>${name}</dt>
          <dd><code>${value}</code></dd>`,
    )}
  </dl>`;

export const unproved = (rows: readonly UnprovedEntry[]): Markup =>
  table(
    [{head: 'row', kind: 'right'}, {head: 'entry', kind: 'right'}, {head: 'at', kind: 'time'}, {head: 'event'}],
    rows.map(({row, seq, at, type}) => [row, seq, at, type ?? 'none that can be read']),
  );
