import {escapeTo} from '../escape.ts';

/** Text that is HTML already. Only `html` makes it, so nothing foreign can pass for it. */
export class Markup {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

/**
 * HTML with every value in it made text: what is not `Markup` cannot become a tag, an attribute, an entity or a link.
 * Values stand between tags or in double quotes, nowhere else.
 */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(
    parts.map((part, index) => part + (index < values.length ? contentText(values[index]) : '')).join(''),
  );
}

function contentText(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.toString();
  if (Array.isArray(content)) return content.map((each: Content) => contentText(each)).join('');
  return textOf(String(content));
}

// A line of ten megabytes helps no reader; JSON has it whole.
const longest = 2000;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Foreign text: spelled as on a terminal, and no address that a mail program or a viewer would make a link of. */
function textOf(text: string): string {
  return escapeTo(longest, text)
    .replace(/[&<>"'`]/g, (character) => entities[character] ?? '')
    .replaceAll('://', ':&#8203;//')
    .replace(/\bwww\./gi, '$&&#8203;');
}
