import type {Json, JsonObject} from '../json.ts';
import type {Secret} from '../secret.ts';
import {automatonOf} from './automaton.ts';
import {longFrom, mark, patternsOf} from './patterns.ts';
import {scan, type Pattern, type Scan} from './scan.ts';

/**
 * Hides the values of secrets, in the shapes of `forms.ts`, behind `[secret]`. Masking twice is masking once. Numbers
 * and booleans are left alone.
 */
export interface Masker {
  readonly text: (text: string) => string;
  /** Every string in the value. Names of members are hidden only for secrets of eight characters and more. */
  readonly json: <T extends Json>(value: T) => T;
  /** For bytes that come in pieces, wherever they are cut. */
  readonly stream: () => Scan;
}

export function makeMasker(secrets: readonly Secret[]): Masker {
  const texts = [...new Set(secrets.map((secret) => secret.reveal()))];
  const all = scanner(texts);
  const long = scanner(texts.filter((text) => text.length >= longFrom));

  const json = (value: Json): Json => {
    if (typeof value === 'string') return all.text(value);
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(json);
    const members = Object.entries(value as JsonObject);
    return Object.fromEntries(members.map(([name, member]) => [long.text(name), json(member)]));
  };
  return {text: all.text, json: <T extends Json>(value: T) => json(value) as T, stream: all.stream};
}

function scanner(texts: readonly string[]): Pick<Masker, 'text' | 'stream'> {
  // The mark is itself a pattern: what was masked before is covered as a whole, though a secret may be part of the mark.
  const patterns: readonly Pattern[] = [{bytes: Buffer.from(mark)}, ...texts.flatMap(patternsOf)];
  const automaton = automatonOf(patterns.map(({bytes}) => bytes));
  const stream = (): Scan => scan(automaton, patterns, Buffer.from(mark));
  return {
    stream,
    text: (text) => {
      const scan = stream();
      const masked = Buffer.concat([scan.push(Buffer.from(text)), scan.end()]).toString();
      // What has no UTF-8 form (half a surrogate pair) comes back as U+FFFD: kept where nothing was hidden.
      return masked === text.toWellFormed() ? text : masked;
    },
  };
}
