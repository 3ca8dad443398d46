/**
 * The shapes in which a secret's text turns up in logs, URLs, headers and error pages: as it is, escaped for JSON, a
 * URL, HTML or a shell, in hex, and in base64 whatever stands before it (`user:` in an Authorization header).
 * Sorted, without repetition.
 */
export function formsOf(text: string): readonly string[] {
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const pairs = hex.match(/../g) ?? [];
  const base64 = [0, 1, 2].map((offset) => base64Core(bytes, offset));
  const forms = [
    text,
    ...jsonForms(text),
    ...urlForms(text),
    htmlForm(text),
    text.replaceAll("'", String.raw`'\''`),
    ...bothCases(hex),
    ...bothCases(pairs.join(':')),
    ...(pairs.length ? bothCases(`%${pairs.join('%')}`) : []),
    ...(pairs.length
      ? bothCases(String.raw`\x${pairs.join(String.raw`\x`)}`).map((form) => form.replaceAll('X', 'x'))
      : []),
    ...base64.flatMap((core) => [core, urlSafe(core), encodeURIComponent(core)]),
  ];
  return [...new Set(forms)].filter((form) => form !== '').toSorted();
}

/**
 * The base64 characters that depend on `bytes` alone when they stand `offset` bytes behind a multiple of three. The
 * characters at either end that also hold bits of a neighbour are left out: they tell at most six bits of a secret's
 * first or last byte.
 */
function base64Core(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
  return shifted.slice(Math.ceil((offset * 8) / 6), Math.floor(shiftedBits(bytes, offset) / 6));
}

const shiftedBits = (bytes: Buffer, offset: number): number => (bytes.length + offset) * 8;

const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

const bothCases = (text: string): readonly string[] => [text.toLowerCase(), text.toUpperCase()];

function jsonForms(text: string): readonly string[] {
  const plain = JSON.stringify(text).slice(1, -1);
  const ascii = (digits: (hex: string) => string): string =>
    plain.replaceAll(
      /[^\x20-\x7e]/g,
      (unit) => String.raw`\u${digits(unit.charCodeAt(0).toString(16).padStart(4, '0'))}`,
    );
  const forms = [plain, ascii((hex) => hex), ascii((hex) => hex.toUpperCase())];
  // PHP, and some BMCs with it, escapes the slash; Go and Python-in-HTML escape what HTML would read.
  const html = plain.replaceAll(/[<>&']/g, (unit) => String.raw`\u00${unit.charCodeAt(0).toString(16)}`);
  return [...forms, ...forms.map((form) => form.replaceAll('/', String.raw`\/`)), html];
}

function urlForms(text: string): readonly string[] {
  const component = encodeURIComponent(text.toWellFormed());
  const strict = component.replaceAll(/[!'()*~]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
  const upper = [component, strict, encodeURI(text.toWellFormed()), strict.replaceAll('%20', '+')];
  return [...upper, ...upper.map((form) => form.replaceAll(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()))];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const htmlForm = (text: string): string => text.replaceAll(/[&<>"']/g, (unit) => entities[unit] ?? unit);
