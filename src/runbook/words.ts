import type {z} from 'zod';
import type {Json} from '../json.ts';
import {isSecret} from './secret-paths.ts';
import {didYouMean} from './suggest.ts';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** What is wrong with a value, as a clause after its name, and what to do about it. Never the value itself. */
export interface Words {
  readonly says: string;
  readonly hint?: string;
}

export function wordsFor(issue: Issue, value: Json | undefined, schema: Schema | undefined): Words {
  if (isSecret(schema)) return {says: issue.message, hint: 'env:NAME, file:/PATH or command:PROGRAM ARGUMENT...'};
  if (schema && issue.code === 'invalid_type' && (typeof value === 'number' || typeof value === 'boolean')) {
    // YAML reads 12345 as a number; what the text would have lacked is the better message, where it would have.
    const quoted = (schema as z.ZodType).safeParse(String(value));
    if (quoted.success) return {says: clause(issue, value), hint: `quotes make it text: "${value}"`};
    const [first] = quoted.error.issues;
    if (first && first.code !== 'invalid_type') return {says: clause(first, String(value))};
  }
  const hint = hintFor(issue, value);
  return hint === undefined ? {says: clause(issue, value)} : {says: clause(issue, value), hint};
}

function hintFor(issue: Issue, value: Json | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (issue.code === 'invalid_value') return didYouMean(value, issue.values.map(String));
  // YAML 1.1 read these as truth values, and many still write them.
  if (issue.code === 'invalid_type' && issue.expected === 'boolean' && /^(?:yes|on|no|off)$/i.test(value))
    return `write ${/^(?:yes|on)$/i.test(value) ? 'true' : 'false'}`;
  return undefined;
}

/** Zod's own sentences begin with these words; any other is a schema's own and is kept. */
const zodsOwn = /^(?:Invalid|Too|Unrecognized)\b/;

function clause(issue: Issue, value: Json | undefined): string {
  if (value === null) return 'has no value';
  if (!zodsOwn.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${expected[issue.expected] ?? issue.expected}, found ${noun(value)}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.minimum, 'at least');
    case 'too_big':
      return bound(issue.origin, issue.maximum, 'at most');
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'is no name that can be used here';
    case 'invalid_format':
      return `is not written as ${formats[issue.format] ?? issue.format} is`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_union':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return 'cannot be this';
    default:
      return issue satisfies never;
  }
}

function bound(origin: string, limit: number | bigint, word: string): string {
  const one = Number(limit) === 1;
  if (origin === 'array' || origin === 'set') return `needs ${word} ${limit} ${one ? 'entry' : 'entries'}`;
  if (origin === 'string') return `needs ${word} ${limit} ${one ? 'character' : 'characters'}`;
  return `must be ${word} ${limit}`;
}

const formats: Readonly<Record<string, string>> = {
  ipv4: 'an IPv4 address (203.0.113.20)',
  cidrv4: 'an IPv4 network (203.0.113.0/24)',
  regex: 'such a text',
};

const expected: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping (key: value)',
  record: 'a mapping (name: value)',
  array: 'a list',
};

function noun(value: Json | undefined): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'nothing';
  const names = {string: 'text', number: 'a number', boolean: 'true or false', object: 'a mapping'} as const;
  return names[typeof value as keyof typeof names];
}
