import type {z} from 'zod';
import type {Json} from '../json.ts';
import type {Finding, Path} from './finding.ts';
import {keysOf, schemaAt} from './schema-at.ts';
import {didYouMean, suggest} from './suggest.ts';
import {valueAt} from './value-at.ts';
import {wordsFor} from './words.ts';

type Issue = z.core.$ZodIssue;

/** What was validated against what. */
export interface Frame {
  readonly schema: z.core.$ZodType;
  readonly value: Json;
  /** Where `value` stands in the document. */
  readonly path: Path;
  /** How the thing itself is called: `port.isolate`; nothing for the runbook. */
  readonly name?: string;
  readonly explain?: string;
}

interface Unknown {
  readonly key: string;
  readonly holder: Path;
}

/** What zod found, as findings. A misspelled key is one mistake: not an unknown key and a missing one. */
export function findingsOf(issues: readonly Issue[], frame: Frame): readonly Finding[] {
  const flat = issues.flatMap(flatten);
  const unknown = flat.flatMap((issue): Unknown[] =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({key, holder: issue.path as Path})) : [],
  );
  const found = [
    ...unknown.map((entry) => unknownKey(entry, frame)),
    ...flat.flatMap((issue) => {
      const path = issue.path as Path;
      if (issue.code === 'unrecognized_keys') return [];
      if (!isMissing(issue, frame)) return [wrongValue(issue, path, frame)];
      const misspelled = unknown.some(
        ({key, holder}) => same(holder, path.slice(0, -1)) && suggest(key, [String(path.at(-1))]) !== undefined,
      );
      return misspelled ? [] : [missingKey(path, frame)];
    }),
  ];
  return frame.explain === undefined ? found : found.map((finding) => ({...finding, explain: frame.explain as string}));
}

function unknownKey({key, holder}: Unknown, frame: Frame): Finding {
  const free = keysOf(schemaAt(frame.schema, holder)).filter((name) => !has(frame.value, [...holder, name]));
  return withHint(didYouMean(key, free), {
    at: {on: 'key', path: [...frame.path, ...holder, key]},
    says: `unknown key "${short(key)}" in ${label(frame, holder) || 'the runbook'}`,
  });
}

function missingKey(path: Path, frame: Frame): Finding {
  const holder = path.slice(0, -1);
  return {
    at: {on: 'missing', path: [...frame.path, ...holder]},
    says: `missing key "${short(String(path.at(-1)))}" in ${label(frame, holder) || 'the runbook'}`,
  };
}

function wrongValue(issue: Issue, path: Path, frame: Frame): Finding {
  const name = label(frame, path) || 'the runbook';
  const {says, hint} = wordsFor(issue, valueAt(frame.value, path), schemaAt(frame.schema, path));
  return withHint(hint, {
    at: {on: issue.code === 'invalid_key' ? 'key' : 'value', path: [...frame.path, ...path]},
    says: `${name}: ${says}`,
  });
}

const withHint = (hint: string | undefined, finding: Finding): Finding =>
  hint === undefined ? finding : {...finding, hint};

/** A union's issues are those of the branch that got furthest: the one whose mistakes lie deepest. */
function flatten(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return [issue];
  const depth = (branch: readonly Issue[]): number => Math.max(...branch.map(({path}) => path.length));
  const best = issue.errors.reduce((a, b) => (depth(b) > depth(a) ? b : a));
  return best.flatMap((inner) => flatten({...inner, path: [...issue.path, ...inner.path]}));
}

const isMissing = (issue: Issue, {value}: Frame): boolean =>
  issue.code !== 'custom' && typeof issue.path.at(-1) === 'string' && !has(value, issue.path as Path);

/** `disk.wipe disks[0]`, `bmc.url`: how a place in a runbook is called. */
function label({name}: Frame, path: Path): string {
  const tail = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${short(part)}`)).join('');
  return [name, tail.replace(/^\./, '')].filter(Boolean).join(' ');
}

const short = (key: string): string => (key.length > 40 ? `${key.slice(0, 39)}…` : key);
const has = (value: Json, path: Path): boolean => valueAt(value, path) !== undefined;
const same = (a: Path, b: Path): boolean => a.length === b.length && a.every((part, index) => part === b[index]);
