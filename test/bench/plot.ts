/** A panel of bars, one a line, on an axis that all panels share. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  /** Ours, to be found at a glance. */
  readonly ours?: boolean;
  /** It was given up at this value. */
  readonly atLeast?: boolean;
}

export interface PlotOptions {
  readonly title: string;
  readonly axis: string;
  /** Lines across all bars. */
  readonly marks: readonly {readonly at: number; readonly says: string}[];
  /** The axis ends here; what is longer is cut and says its value. */
  readonly upTo: number;
}

const width = 760;
const left = 132;
const right = 70;
const line = 24;
const thick = 13;
const top = 44;

/** Bars as an SVG that is readable on a light and on a dark page: it follows the reader's own choice. */
export function plotText(panels: readonly Panel[], {title, axis, marks, upTo}: PlotOptions): string {
  const at = (value: number): number => left + (Math.min(value, upTo) / upTo) * (width - left - right);
  const body: string[] = [];
  let y = top;
  const begin = y;
  for (const panel of panels) {
    y += 26;
    body.push(text(8, y, panel.title, 'class="strong"'));
    y += 10;
    for (const bar of panel.bars) {
      const middle = y + line / 2;
      const kind = bar.ours ? 'ours' : 'peer';
      body.push(
        text(left - 8, middle + 4, bar.name, `text-anchor="end"${bar.ours ? ' class="strong"' : ''}`),
        `<rect class="${kind}" x="${n(left)}" y="${n(middle - thick / 2)}" width="${n(at(bar.value) - left)}" height="${thick}"/>`,
        ...(bar.high > bar.low
          ? [
              `<line class="spread" x1="${n(at(bar.low))}" x2="${n(at(bar.high))}" y1="${n(middle)}" y2="${n(middle)}"/>`,
            ]
          : []),
        text(at(Math.max(bar.value, bar.high)) + 6, middle + 4, `${bar.atLeast ? '> ' : ''}${bar.value.toFixed(2)}`),
      );
      y += line;
    }
  }
  const end = y + 4;
  const lines = marks.map(
    ({at: where, says}, place) =>
      `<line class="mark" x1="${n(at(where))}" x2="${n(at(where))}" y1="${begin}" y2="${end}"/>${text(at(where) + (place % 2 ? 4 : -4), begin + 4, says, `class="small" text-anchor="${place % 2 ? 'start' : 'end'}"`)}`,
  );
  const height = end + 30;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${n(height)}" width="${width}" height="${n(height)}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #1f2328 }
.strong { font-weight: 600 }
.small { font-size: 10.5px; fill: #59636e }
.ours { fill: #0969da }
.peer { fill: #afb8c1 }
.spread { stroke: #1f2328; stroke-width: 1.5 }
.mark { stroke: #59636e; stroke-dasharray: 3 3 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .small { fill: #9198a1 }
  .ours { fill: #4493f8 }
  .peer { fill: #59636e }
  .spread { stroke: #f0f6fc }
  .mark { stroke: #9198a1 }
}
</style>
${text(8, 20, title, 'class="strong"')}
${lines.join('\n')}
${body.join('\n')}
${text(left, height - 10, axis, 'class="small"')}
</svg>
`;
}

const text = (x: number, y: number, says: string, more = ''): string =>
  `<text x="${n(x)}" y="${n(y)}"${more === '' ? '' : ` ${more}`}>${escaped(says)}</text>`;

const n = (value: number): string => String(Number(value.toFixed(1)));

const escaped = (says: string): string =>
  says.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
