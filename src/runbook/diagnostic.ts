import type {Finding} from './finding.ts';
import {Lines, type Source, type Span} from './source.ts';
import {pointer, type Spot} from './yaml.ts';

/** A mistake in a runbook, at its place. */
export interface Diagnostic {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 code units. */
  readonly column: number;
  /** Exclusive, on the same line. */
  readonly endColumn: number;
  readonly says: string;
  /** `did you mean "allow"?` */
  readonly hint?: string;
  /** Lines that mend it, as they would stand in the file. */
  readonly add?: readonly string[];
  /** A name for `rebuild explain`. */
  readonly explain?: string;
  /** The line before and the line itself; secrets written in clear are starred. Not escaped. */
  readonly excerpt: readonly {readonly line: number; readonly text: string}[];
}

/** Locates findings in the text, in its order, each once. `shown` is the text as it may be shown. */
export function diagnose(
  {file, text}: Source,
  shown: string,
  spots: ReadonlyMap<string, Spot>,
  findings: readonly Finding[],
): readonly Diagnostic[] {
  const lines = new Lines(text);
  const visible = new Lines(shown);
  const seen = new Set<string>();
  return findings
    .map((finding): Diagnostic => {
      const span = locate(finding, spots);
      const {line, column} = lines.at(span.start);
      const rest = (lines.text(line) ?? '').slice(column - 1);
      const length = Math.max(1, Math.min(span.end - span.start, rest.trimEnd().length));
      const {says, hint, add, explain} = finding;
      return {
        file,
        line,
        column,
        endColumn: column + length,
        says,
        ...(hint === undefined ? {} : {hint}),
        ...(add && {add}),
        ...(explain === undefined ? {} : {explain}),
        excerpt: [line - 1, line].flatMap((number) => {
          const text = visible.text(number);
          return text === undefined ? [] : [{line: number, text}];
        }),
      };
    })
    .filter(({line, column, says}) => {
      const key = `${line}:${column}:${says}`;
      return !seen.has(key) && seen.add(key);
    })
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/** The span of a finding. What is not in the text itself is shown at the nearest thing that holds it. */
function locate({at}: Finding, spots: ReadonlyMap<string, Spot>): Span {
  if (at.on === 'span') return at.span;
  for (let length = at.path.length; length >= 0; length--) {
    const spot = spots.get(pointer(at.path.slice(0, length)));
    if (!spot) continue;
    const exact = length === at.path.length;
    if (exact && at.on === 'value') return spot.value;
    return spot.key ?? spot.value;
  }
  return {start: 0, end: 1};
}
