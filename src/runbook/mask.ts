import type {Span} from './source.ts';

const reference = String.raw`["']?(?:env|file|command):`;
// Also where a key is misspelled or the YAML is broken, so that only its name says what stands there.
const named = new RegExp(
  String.raw`(pass?w|passphrase|secret|token|pasword|credential)[\w-]*["']?[ \t]*[:=](?![ \t]*${reference})`,
  'i',
);
const userinfo = /(?<=:\/\/)[^/\s@]+(?=@)/g;
const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END[^\n]*|$)/g;

/**
 * The text with everything that may be a secret written in clear made unreadable, each character by one `*`, so that
 * lines and columns stay. `spans` are the values that the schema knows to be secrets.
 */
export function masked(text: string, spans: readonly Span[]): string {
  let shown = text;
  for (const {start, end} of spans) shown = shown.slice(0, start) + stars(shown.slice(start, end)) + shown.slice(end);
  shown = shown.replace(privateKey, stars).replace(userinfo, stars);
  let inside: number | undefined;
  return shown
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      // What is indented below such a key belongs to it (a block of several lines).
      if (inside !== undefined && (indent === -1 || indent > inside)) return stars(line);
      inside = undefined;
      const found = named.exec(line);
      if (!found) return line;
      inside = indent;
      const at = found.index + found[0].length;
      return line.slice(0, at) + stars(line.slice(at));
    })
    .join('\n');
}

const stars = (text: string): string => text.replaceAll(/\S/g, '*');
