import {z} from 'zod';
import {diagnose, type Diagnostic} from '../../runbook/diagnostic.ts';
import type {Finding, Path} from '../../runbook/finding.ts';
import {findingsOf} from '../../runbook/issue.ts';
import type {Source} from '../../runbook/source.ts';
import {didYouMean} from '../../runbook/suggest.ts';
import {readYaml} from '../../runbook/yaml.ts';
import type {LabFault} from './lab-fault.ts';
import type {FaultScript} from './script.ts';
import {isWord, words} from './word.ts';
import {faultOf} from './words.ts';

const entry = z.record(z.string(), z.union([z.string(), z.number()], 'expected text or a number'));
const shape = z.strictObject({
  seed: z.int().nonnegative(),
  faults: z.array(entry),
});

export type ParsedScript =
  | {readonly ok: true; readonly script: FaultScript}
  | {readonly ok: false; readonly diagnostics: readonly Diagnostic[]};

/**
 * A script's text as faults, or every mistake in it with its place:
 *
 *     seed: 7
 *     faults:
 *       - {fault: eject, every: 30s..5min}
 *       - {fault: power-loss, at-event: step.started:wipe, at-time: 2s}
 */
export function parseScript(text: string, file: string): ParsedScript {
  const source: Source = {file, text};
  const document = readYaml(text);
  if (document.value === undefined)
    return {ok: false, diagnostics: diagnose(source, text, new Map(), document.findings)};
  const {value, spots} = document;
  const shaped = shape.safeParse(value);
  const findings: Finding[] = [...document.findings];
  const faults: LabFault[] = [];
  if (!shaped.success)
    findings.push(...findingsOf(shaped.error.issues, {schema: shape, value, path: [], name: 'script'}));
  for (const [index, given] of (shaped.success ? shaped.data.faults : []).entries()) {
    const read = readEntry(given, ['faults', index]);
    if ('says' in read) findings.push(read);
    else faults.push(read.fault);
  }
  if (shaped.success && findings.length === 0) return {ok: true, script: {seed: shaped.data.seed, faults}};
  return {ok: false, diagnostics: diagnose(source, text, spots, findings)};
}

function readEntry(given: z.output<typeof entry>, path: Path): Finding | {readonly fault: LabFault} {
  const {fault: name, ...options} = given;
  if (typeof name !== 'string') return {at: {on: 'missing', path}, says: 'a fault needs its name: fault: eject'};
  const strange = Object.keys(options).find((key) => !isWord(key) || key === 'seed');
  if (strange !== undefined) {
    const hint = strange === 'seed' ? undefined : didYouMean(strange, Object.keys(words));
    const says = strange === 'seed' ? 'the seed is the whole script’s' : `unknown key "${strange}"`;
    return {at: {on: 'key', path: [...path, strange]}, says, ...(hint !== undefined && {hint})};
  }
  const texts = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)]));
  const read = faultOf(name, texts);
  if (read.ok) return {fault: read.value};
  const {at, says} = read.mistake;
  return at === undefined ? {at: {on: 'missing', path}, says} : {at: {on: 'value', path: [...path, at]}, says};
}
