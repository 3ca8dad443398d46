import {link, list, member, text, texts} from './tree.ts';

/** One entry of `@Message.ExtendedInfo`, cut to what a person reads. */
export interface Message {
  /** The last part of MessageId: `ActionParameterMissing` of `Base.1.12.ActionParameterMissing`, `SYS518`. */
  readonly id: string;
  readonly says: string;
  readonly resolution?: string;
  /** Property and parameter names the message is about, without `#/`. */
  readonly about: readonly string[];
}

const most = 8;

/**
 * The messages of an error body or a failed task. Seen in the field: a list, a single object, the list beside `error`
 * instead of in it, `error` with nothing but a message, `error` as bare text.
 */
export function messages(body: unknown): readonly Message[] {
  const entries = [
    ...several(member(body, 'error', '@Message.ExtendedInfo')),
    ...several(member(body, '@Message.ExtendedInfo')),
    ...list(body, 'Messages'),
  ];
  const found = entries.slice(0, most).flatMap((entry) => message(entry) ?? []);
  if (found.length > 0) return found;
  const says = text(body, 'error', 'message') ?? text(body, 'error');
  const id = text(body, 'error', 'code');
  return says === undefined && id === undefined ? [] : [{id: last(id ?? ''), says: cut(says ?? ''), about: []}];
}

export const has = (found: readonly Message[], ...ids: readonly string[]): boolean =>
  found.some(({id}) => ids.includes(id));

const several = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

function message(entry: unknown): Message | undefined {
  const id = last(text(entry, 'MessageId') ?? '');
  const says = text(entry, 'Message') ?? '';
  if (id === '' && says === '') return undefined;
  const resolution = text(entry, 'Resolution');
  return {
    id,
    says: cut(says),
    ...(resolution === undefined ? {} : {resolution: cut(resolution)}),
    about: [...texts(entry, 'RelatedProperties').map(last), ...texts(entry, 'MessageArgs'), ...related(entry)].slice(
      0,
      16,
    ),
  };
}

const related = (entry: unknown): readonly string[] =>
  list(entry, 'RelatedProperties').flatMap((property) => link(property) ?? []);

const last = (dotted: string): string => (/[^./#]*$/.exec(dotted)?.[0] ?? '').slice(0, 100);

const cut = (says: string): string => says.slice(0, 300);
