import {createHash} from 'node:crypto';
import type {z} from 'zod';
import type {HostName, Sha256} from '../brand.ts';
import {canonical, type JsonObject} from '../json.ts';
import {diagnose, type Diagnostic} from './diagnostic.ts';
import type {Finding} from './finding.ts';
import {findingsOf} from './issue.ts';
import {masked} from './mask.ts';
import {roughly} from './rough.ts';
import {mistakesInDisks, mistakesInGate, mistakesInKeys} from './rules.ts';
import type {Runbook} from './runbook.ts';
import {runbookSchema, suspectAt} from './schema.ts';
import {secretPaths} from './secret-paths.ts';
import {Lines, type Source} from './source.ts';
import {checkSteps, typeSteps, type StepKinds, type TypedStep} from './steps.ts';
import {didYouMean} from './suggest.ts';
import {mapping} from './value-at.ts';
import {pointer, readYaml, type Document, type Spot} from './yaml.ts';

export type Parsed =
  | {
      readonly ok: true;
      readonly runbook: Runbook;
      /** Over the canonical JSON of the values, defaults filled in: layout and comments do not change it. */
      readonly digest: Sha256;
    }
  | {readonly ok: false; readonly diagnostics: readonly Diagnostic[]};

// A runbook has a few kilobytes; what is far larger is another file.
export const maxRunbookBytes = 256 * 1024;

/**
 * A runbook's text as a typed value, or every mistake in it with its place. Pure; never throws, whatever the text.
 * `host`, where given, is the host that the operator asked for: a runbook found by that name must describe it.
 */
export function parseRunbook(text: string, file: string, kinds: StepKinds, host?: HostName): Parsed {
  const source: Source = {file, text: text.replace(/^\uFEFF/, '')};
  const refused = refuse(source.text);
  if (refused) return fail(source, [refused]);
  const document = readYaml(source.text);
  if (document.value === undefined) return fail(source, document.findings);
  const {value, spots} = document;

  const {typed, findings} = typeSteps(mapping(value)['steps'], kinds);
  const shape = runbookSchema.safeParse(value);
  const rough = roughly(value, typed);
  const wrong = [
    ...document.findings,
    ...(shape.success ? [] : findingsOf(shape.error.issues, {schema: runbookSchema, value, path: []})),
    ...findings,
    ...mistakesInDisks(rough),
    ...mistakesInGate(mapping(value)['gate'], mapping(value)['steps']),
    ...mistakesInKeys(value),
    ...checkSteps(typed, rough),
    ...wrongHost(rough.host.name, host),
  ];
  if (!shape.success || wrong.length > 0) return fail(source, wrong, document);
  const runbook = assemble(shape.data, typed, source, spots);
  return {ok: true, runbook, digest: digest(runbook)};
}

function assemble(
  shape: z.output<typeof runbookSchema>,
  typed: readonly TypedStep[],
  {file, text}: Source,
  spots: ReadonlyMap<string, Spot>,
): Runbook {
  const lines = new Lines(text);
  const steps = typed.map(({index, id, kind, params}) => {
    const {line, column} = lines.at(spots.get(pointer(['steps', index]))?.value.start ?? 0);
    return {id, kind: kind.kind, params, place: {file, line, column}};
  });
  const {suspect, ...rest} = shape;
  return {...rest, ...(suspect && {suspect: suspectAt(suspect, shape.network)}), steps};
}

function digest({steps, ...rest}: Runbook): Sha256 {
  const content = {...rest, steps: steps.map(({id, kind, params}) => ({id, kind, params}))};
  return createHash('sha256')
    .update(canonical(content as unknown as JsonObject))
    .digest('hex') as Sha256;
}

function fail(source: Source, findings: readonly Finding[], document?: Document): Parsed {
  const secrets = document
    ? secretPaths(document.value, runbookSchema).flatMap((path) => document.spots.get(pointer(path))?.value ?? [])
    : [];
  return {
    ok: false,
    diagnostics: diagnose(source, masked(source.text, secrets), document?.spots ?? new Map(), findings),
  };
}

// What a reviewer cannot see must not be there: control characters, and those that turn the reading direction.
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

function refuse(text: string): Finding | undefined {
  if (text.length > maxRunbookBytes)
    return {at: {on: 'span', span: {start: 0, end: 1}}, says: 'this file is too large for a runbook (256 KiB)'};
  const at = text.search(unseen);
  if (at === -1) return undefined;
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {at: {on: 'span', span: {start: at, end: at + 1}}, says: `a character that cannot be seen (U+${code})`};
}

function wrongHost(found: string, wanted: HostName | undefined): readonly Finding[] {
  if (wanted === undefined || found === '' || found === wanted) return [];
  const hint = didYouMean(found, [wanted]);
  return [
    {
      at: {on: 'value', path: ['host', 'name']},
      says: `this runbook describes "${found}", but "${wanted}" was asked for`,
      ...(hint === undefined ? {} : {hint}),
    },
  ];
}
