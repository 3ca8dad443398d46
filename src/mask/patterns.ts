import {formsOf} from './forms.ts';
import type {Pattern} from './scan.ts';

export const mark = '[secret]';

/** From this length on a text is so unlikely to turn up by chance that it is hidden even in names of members. */
export const longFrom = 8;

const armour = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;

/**
 * What to look for, for one secret's text. Each of its lines is a secret of its own, so a key is hidden however it is
 * wrapped or cut; armour lines (`-----BEGIN ...`) tell nothing, and a key's last line may be so short that it is part of
 * many innocent ones.
 *
 * Short ones are where masking can do harm: `abc` turns up everywhere, and hiding `dead` inside a digest would destroy
 * the digest without hiding anything. So fewer than four characters are hidden only where a value stands, in quotes or
 * behind `=` or `:`, and four to seven hex digits only where they do not stand among other hex digits.
 */
export function patternsOf(secret: string): readonly Pattern[] {
  const lines = secret
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !armour.test(line));
  const long = lines.filter((line) => line.length >= longFrom);
  return (long.length > 0 ? long : lines).flatMap(linePatterns);
}

const pattern = (text: string, beside?: Pattern['beside']): Pattern => ({
  bytes: Buffer.from(text),
  ...(beside !== undefined && {beside}),
});

function linePatterns(line: string): readonly Pattern[] {
  if (line.length < 4) return [pattern(line, alone)];
  const forms = formsOf(line);
  if (line.length >= longFrom || !/^[0-9a-f]+$/i.test(line)) return forms.map((form) => pattern(form));
  return forms.map((form) => pattern(form, form === line ? notInHex : undefined));
}

const oneOf = (set: string) => (byte: number | undefined) =>
  byte === undefined || set.includes(String.fromCharCode(byte));
const alone = {before: oneOf(`"'=:`), after: oneOf(`"'&,;}) \t\r\n`)};

const isHex = (byte: number | undefined): boolean =>
  byte !== undefined && /^[0-9a-f]$/i.test(String.fromCharCode(byte));
const notInHex = {
  before: (byte: number | undefined) => !isHex(byte),
  after: (byte: number | undefined) => !isHex(byte),
};
