import type {StepKinds} from '../../runbook/steps.ts';
import {parseRunbook} from '../../runbook/parse.ts';

/** The lines of a runbook's first step of a kind, without indentation; undefined where it has none. */
export function stepExample(kind: string, text: string, kinds: StepKinds): string | undefined {
  const parsed = parseRunbook(text, 'example', kinds);
  if (!parsed.ok) return undefined;
  const {steps} = parsed.runbook;
  const index = steps.findIndex((step) => step.kind === kind);
  const first = steps[index]?.place;
  if (!first) return undefined;
  const end = steps[index + 1]?.place.line;
  const lines = text.split('\n').slice(first.line - 1, end === undefined ? undefined : end - 1);
  // What stands above the next step belongs to that one.
  while (/^\s*(?:#.*)?$/.test(lines.at(-1) ?? 'x')) lines.pop();
  const indent = (lines[0] ?? '').search(/\S/);
  return lines.map((line) => line.slice(indent)).join('\n');
}
