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
const top = 20;

/** Bars as an SVG. Its colours stand out from a white page and from a black one: whoever shows it knows which it is. */
export function plotText(panels: readonly Panel[], {title, axis, marks, upTo}: PlotOptions): string {
  const at = (value: number): number => left + (Math.min(value, upTo) / upTo) * (width - left - right);
  const body: string[] = [];
  let y = top;
  for (const {title, bars} of panels) {
    y += 26;
    body.push(text(8, y, title, 'class="strong"'));
    y += 10;
    body.push(...marks.map((mark) => upright(at(mark.at), y, y + bars.length * line)));
    for (const one of bars) {
      body.push(...bar(one, at, y + line / 2));
      y += line;
    }
  }
  const labels = marks.map((mark, place) => {
    const right = place % 2 === 1;
    return text(at(mark.at) + (right ? 3 : -3), y + 14, mark.says, `text-anchor="${right ? 'start' : 'end'}"`);
  });
  const height = y + 48;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${n(height)}" width="${width}" height="${n(height)}" role="img" aria-label="${escaped(title)}">
<style>
text { font: 12px ui-sans-serif, system-ui, sans-serif; fill: #6e7681 }
.strong { font-weight: 600 }
.ours { fill: #2f81f7 }
.peer { fill: #8b949e; opacity: 0.65 }
.spread { stroke: #6e7681; stroke-width: 1.5 }
.mark { stroke: #6e7681; stroke-dasharray: 3 3 }
</style>
${text(8, 20, title, 'class="strong"')}
${body.join('\n')}
${labels.join('\n')}
${text(left, height - 8, axis)}
</svg>
`;
}

function bar(
  {name, value, low, high, ours, atLeast}: Bar,
  at: (value: number) => number,
  middle: number,
): readonly string[] {
  const spread = `<line class="spread" x1="${n(at(low))}" x2="${n(at(high))}" y1="${n(middle)}" y2="${n(middle)}"/>`;
  return [
    text(left - 8, middle + 4, name, `text-anchor="end"${ours ? ' class="strong"' : ''}`),
    `<rect class="${ours ? 'ours' : 'peer'}" x="${n(left)}" y="${n(middle - thick / 2)}" width="${n(at(value) - left)}" height="${thick}"/>`,
    ...(high > low ? [spread] : []),
    text(at(Math.max(value, high)) + 6, middle + 4, `${atLeast ? '> ' : ''}${value.toFixed(2)}`),
  ];
}

const upright = (x: number, from: number, to: number): string =>
  `<line class="mark" x1="${n(x)}" x2="${n(x)}" y1="${n(from)}" y2="${n(to)}"/>`;

const text = (x: number, y: number, says: string, more = ''): string =>
  `<text x="${n(x)}" y="${n(y)}"${more === '' ? '' : ` ${more}`}>${escaped(says)}</text>`;

const n = (value: number): string => String(Number(value.toFixed(1)));

const escaped = (says: string): string =>
  says.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
