/**
 * Foreign text made safe to show. Everything that a device, a disk, a host or a person wrote goes through here before it
 * reaches a terminal: an escape sequence can rewrite the screen, set the title or fill the clipboard (OSC 52), a bidi
 * mark can make a line read backwards (CVE-2021-42574), a newline can forge a log entry.
 * What is taken out stays visible as `\x1b`, `\n` or `\u{202e}`, and what is too long ends in the number of characters
 * left out. This is for reading; `--json` keeps the exact text.
 */
export function escape(text: string | Uint8Array): string {
  const more = text.length - most;
  if (more > 0) return `${escape(text.slice(0, most))} …+${more}`;
  const known = typeof text === 'string' ? text : decode(text);
  return known.normalize('NFC').replace(unsafe, (run) => Array.from(run, spell).join(''));
}

/** Nobody reads further, and a device that says ten megabytes must not fill the screen, nor the time. */
const most = 2000;

/** `escape`, cut to `columns` with `…` and the number of characters left out: `GRUB loading  stage2 …+1204`. */
export function escapeTo(columns: number, text: string | Uint8Array): string {
  // A character takes at most two units and a column carries at most three of them, so this much fills any line.
  const enough = columns * 8 + 64;
  const head = escape(text.length > enough ? text.slice(0, enough) : text);
  return cut(head, columns, Math.max(0, text.length - enough));
}

/** Safe text cut to `columns`; `more` characters are known to have been left out before. */
export function cut(text: string, columns: number, more = 0): string {
  if (more === 0 && width(text) <= columns) return text;
  const characters = Array.from(text);
  // The count takes room of its own, so it is settled from the longest form it may have.
  const room = columns - ` …+${characters.length + more}`.length;
  if (room < 1) return '…'.slice(0, columns);
  let used = 0;
  let taken = 0;
  for (const character of characters) {
    const next = used + widthOf(character);
    if (next > room) break;
    used = next;
    taken++;
  }
  return `${characters.slice(0, taken).join('').trimEnd()} …+${characters.length - taken + more}`;
}

/** Columns that safe text takes on a terminal. */
export function width(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

/** Safe text filled with spaces to `columns`. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - width(text)));

export const padLeft = (text: string, columns: number): string => ' '.repeat(Math.max(0, columns - width(text))) + text;

/** Safe text broken at spaces into lines of at most `columns`; a word that is longer is broken inside. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (width(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== undefined) lines.push(line.trimEnd());
    line = word;
    while (isWider(line, columns)) {
      const [head, rest] = breakAt(line, columns);
      lines.push(head);
      line = rest;
    }
  }
  return [...lines, line ?? ''];
}

/** Safe text without what does not fit, and without a word about it. */
export const clip = (text: string, columns: number): string =>
  width(text) <= columns ? text : breakAt(text, columns)[0];

function breakAt(word: string, columns: number): readonly [string, string] {
  let used = 0;
  let at = 0;
  for (const character of word) {
    used += widthOf(character);
    if (used > columns && at > 0) break;
    at += character.length;
  }
  return [word.slice(0, at), word.slice(at)];
}

/** Without a look at more of a long text than decides it. */
function isWider(text: string, columns: number): boolean {
  let used = 0;
  for (const character of text) {
    used += widthOf(character);
    if (used > columns) return true;
  }
  return false;
}

/*
 * Cc controls, Cf formats (bidi, zero width, tags), Cs lone surrogates, Co and Cn without an agreed shape, Zl and Zp
 * line breaks, every space but U+0020, what fonts draw as nothing; the third and more of stacked marks, and marks
 * without a letter, which would sit on what we wrote ourselves.
 */
const outlaw = String.raw`(?:[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs})`;
const unsafe = new RegExp(String.raw`${outlaw}\p{M}*|^\p{M}+|(?<=\p{M}\p{M})\p{M}+`, 'gu');

const named: Readonly<Record<string, string>> = {'\n': '\\n', '\r': '\\r', '\t': '\\t', '\0': '\\0'};

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return named[character] ?? (code < 0x100 ? `\\x${hex(code)}` : `\\u{${hex(code)}}`);
}

const hex = (code: number): string => code.toString(16).padStart(2, '0');

/** Well-formed UTF-8 by Unicode 15, table 3-7. A byte outside of it is spelled, not replaced: U+FFFD would hide which it was. */
const sequences =
  /[\x00-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|([^])/g;

function decode(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer
    .toString('latin1')
    .replace(sequences, (sequence, stray?: string) =>
      stray === undefined ? Buffer.from(sequence, 'latin1').toString('utf8') : spell(stray),
    );
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;
const mark = /[\p{Mn}\p{Me}]/u;

function widthOf(character: string): number {
  if (character <= '\u02ff') return 1;
  if (mark.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}
