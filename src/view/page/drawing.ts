import type {Account} from '../account.ts';
import {count} from '../count.ts';
import {clockTime, duration, minute, span} from '../duration.ts';
import {promiseText} from '../figures-text.ts';
import {drawingOf, type Bar, type Drawing, type Lane, type Mark} from './lanes.ts';
import {html, type Markup} from './markup.ts';

// A lane: its name above, its bar below. Widths are shares of whatever width there is; text keeps its size.
const laneHeight = 40;
const barTop = 20;
const barHeight = 12;
const axisTop = 42;
const axisBottom = 22;

/** The run as a picture that needs neither script nor style of its own; the same is in the tables of the page. */
export function drawing(account: Account): Markup {
  const drawn = drawingOf(account);
  const height = axisTop + drawn.lanes.length * laneHeight + axisBottom;
  const {summary} = account;
  return html`<figure>
    <svg class="drawing" role="img" aria-labelledby="drawing-title drawing-desc" width="100%" height="${height}">
      <title id="drawing-title">Timeline of ${summary.run}</title>
      <desc id="drawing-desc">${description(account)}</desc>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="6" height="6" class="hatch-ground" />
          <rect width="3" height="6" class="hatch-line" />
        </pattern>
        <pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" class="dots-ground" />
          <circle cx="3" cy="3" r="1.6" class="dots-dot" />
        </pattern>
      </defs>
      ${folds(drawn, height)}${ticks(account, drawn, height)}${drawn.lanes.map((lane, index) => laneSvg(lane, axisTop + index * laneHeight))}${promiseLine(account, drawn, height)}
    </svg>
    ${legend(drawn)}
    <figcaption>
      Read from the journal: ${minute(summary.begun)} to ${minute(summary.ended)}. Numbers in the picture are those of
      the table “What each interruption cost”.
    </figcaption>
  </figure>`;
}

function description({summary, sittings}: Account): string {
  const {steps, interruptions, gates, seconds} = summary;
  return [
    `${count(steps.length, 'step')} in ${duration(seconds)}, ${count(sittings.length, 'sitting')} of a controller,`,
    `${count(interruptions.length, 'interruption')}, ${count(gates.length, 'wait')} for people.`,
    'The tables “Proofs”, “What each interruption cost” and “Timeline” on this page say the same in words.',
  ].join(' ');
}

const percent = (share: number): string => `${Math.round(share * 100_000) / 1000}%`;

/** Text at a place, turned inwards where it would leave the picture. */
function label(at: number, y: number, kind: string, text: string): Markup {
  const anchor = at < 0.12 ? 'start' : at > 0.88 ? 'end' : 'middle';
  return html`<text x="${percent(at)}" y="${y}" class="${kind}" text-anchor="${anchor}">${text}</text>`;
}

function folds({scale}: Drawing, height: number): readonly Markup[] {
  return scale.folds.map(
    ({from, to, seconds}) =>
      html`<g class="fold">
          <rect
            x="${percent(from)}"
            y="${axisTop - 6}"
            width="${percent(to - from)}"
            height="${height - axisTop - axisBottom + 6}"
          />
          <title>${duration(seconds)}, drawn shorter than it was</title>
        </g>
        ${label((from + to) / 2, 30, 'fold-label', duration(seconds))}`,
  );
}

function ticks({summary}: Account, {scale}: Drawing, height: number): readonly Markup[] {
  const oneDay = summary.begun.slice(0, 10) === summary.ended.slice(0, 10);
  return scale.ticks.map(({at, moment}) => {
    const text = oneDay ? clockTime(moment) : minute(moment).slice(5);
    const x = percent(at);
    return html`<line class="tick" x1="${x}" x2="${x}" y1="${axisTop - 6}" y2="${height - axisBottom}" />
      ${label(at, height - 6, 'axis', text)}`;
  });
}

function laneSvg({name, aside, bars, marks}: Lane, y: number): Markup {
  return html`<g>
    <text x="0" y="${y + 14}" class="name">${name}</text>
    <text x="100%" y="${y + 14}" class="aside" text-anchor="end">${aside}</text>
    <rect class="rail" x="0" width="100%" y="${y + barTop}" height="${barHeight}" />
    ${bars.map((bar) => barSvg(bar, y + barTop))}${marks.map((mark) => markSvg(mark, y + barTop + barHeight / 2))}${marks.map((mark) => numberSvg(mark, y + barTop + barHeight / 2))}
  </g> `;
}

const barSvg = ({from, to, look, says}: Bar, y: number): Markup =>
  html`<rect class="bar ${look}" x="${percent(from)}" width="${percent(to - from)}" y="${y}" height="${barHeight}"
    ><title>${says}</title></rect
  > `;

const shapes = {
  medium: 'M0,-8 L8,0 L0,8 L-8,0 Z',
  link: 'M-9,-8 L9,-8 L0,8 Z',
  target: 'M-6,-6 L6,-6 L6,6 L-6,6 Z',
  other: 'M0,-7 A7,7 0 1 1 0,7 A7,7 0 1 1 0,-7 Z',
} as const;

const names = {
  medium: 'medium lost',
  link: 'link cut',
  target: 'target restarted',
  other: 'other interruption',
} as const;

// A path knows no percentages: a nested picture brings it to its place.
const markSvg = ({at, shape}: Mark, y: number): Markup =>
  html`<svg x="${percent(at)}" y="${y}" class="place">
    <path class="mark ${shape}" d="${shapes[shape]}"><title>${names[shape]}</title></path>
  </svg> `;

// After all marks, so that none lies on a number.
const numberSvg = ({at, shape, number}: Mark, y: number): Markup | undefined =>
  number === undefined
    ? undefined
    : html`<text x="${percent(at)}" y="${y + (shape === 'link' ? 1 : 3.5)}" class="number" text-anchor="middle"
        >${number}</text
      > `;

function promiseLine({figures}: Account, {promise}: Drawing, height: number): Markup | undefined {
  if (promise === undefined || !figures.promise) return undefined;
  const x = percent(promise);
  return html`<line class="promise" x1="${x}" x2="${x}" y1="${axisTop - 8}" y2="${height - axisBottom}" />
    ${label(promise, 12, 'promise-label', `${duration(figures.promise.promisedSeconds)} promised`)}`;
}

const looks = {
  down: 'down',
  here: 'controller at work',
  gone: 'controller gone',
  waited: 'failed, nobody there',
  paused: 'stopped by choice',
  gate: 'waits for people',
  done: 'attempt that reached its end',
  failed: 'attempt that failed',
  left: 'attempt left without a word',
  open: 'attempt under way',
} as const;

const swatch = (inside: Markup): Markup =>
  html`<svg width="18" height="16" aria-hidden="true" class="place">${inside}</svg>`;

/** What occurs in the picture, and no more. */
function legend({lanes, promise, scale}: Drawing): Markup {
  const shown = new Set(lanes.flatMap(({bars}) => bars.map(({look}) => look)));
  const marked = new Set(lanes.flatMap(({marks}) => marks.map(({shape}) => shape)));
  const items = [
    ...Object.entries(looks).flatMap(([look, says]) =>
      shown.has(look as Bar['look'])
        ? [[swatch(html`<rect class="bar ${look}" x="1" y="3" width="16" height="10" />`), says] as const]
        : [],
    ),
    ...Object.entries(names).flatMap(([shape, says]) =>
      marked.has(shape as Mark['shape'])
        ? [
            [
              swatch(
                html`<svg x="9" y="8" class="place">
                  <path class="mark ${shape}" d="${shapes[shape as Mark['shape']]}" />
                </svg>`,
              ),
              says,
            ] as const,
          ]
        : [],
    ),
    ...(promise === undefined
      ? []
      : [[swatch(html`<line class="promise" x1="9" x2="9" y1="0" y2="16" />`), 'end of the promised time'] as const]),
    ...(scale.folds.length
      ? [
          [
            swatch(html`<g class="fold"><rect x="1" y="0" width="16" height="16" /></g>`),
            'long idle time, drawn shorter',
          ] as const,
        ]
      : []),
  ];
  return html`<ul class="legend">
    ${items.map(([picture, says]) => html`<li>${picture} ${says}</li>`)}
  </ul>`;
}

/** What was promised and forecast against what it took, over one scale. */
export function promiseDrawing({figures, summary}: Account): Markup | undefined {
  const {promise, forecast} = figures;
  if (!promise) return undefined;
  const {promisedSeconds, tookSeconds} = promise;
  // One with gaps is no forecast of the whole.
  const range = forecast?.without.length === 0 ? {from: forecast.fromSeconds, to: forecast.toSeconds} : undefined;
  const whole = Math.max(promisedSeconds, tookSeconds, range?.to ?? 0, 1);
  const took = Math.max(tookSeconds / whole, thin);
  const end = promisedSeconds / whole;
  return html`<figure>
    <svg class="drawing" role="img" aria-labelledby="promise-title promise-desc" width="100%" height="64">
      <title id="promise-title">The promise and ${summary.run}</title>
      <desc id="promise-desc">${duration(promisedSeconds)} promised; ${promiseText(promise)}.</desc>
      <text x="0" y="14" class="name">
        took ${duration(tookSeconds)}${range ? `, forecast ${span(range)} (thin line)` : ''}
      </text>
      ${label(end, 60, 'promise-label', `${duration(promisedSeconds)} promised`)}
      <rect class="rail" x="0" width="100%" y="22" height="16" />
      <rect
        class="bar ${promise.kept === false ? 'failed' : 'done'}"
        x="0"
        width="${percent(took)}"
        y="22"
        height="16"
      />
      ${range ? html`<rect class="forecast" x="${percent(range.from / whole)}" width="${percent(Math.max((range.to - range.from) / whole, thin))}" y="40" height="4" />` : undefined}
      <line class="promise" x1="${percent(end)}" x2="${percent(end)}" y1="18" y2="46" />
    </svg>
  </figure>`;
}

const thin = 0.004;
