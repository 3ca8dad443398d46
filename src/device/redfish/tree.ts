/**
 * Reading JSON that nobody vouches for: a BMC of a compromised machine may send anything. A member that is missing or of
 * another type gives `undefined` or an empty list; nothing here throws, follows a prototype or recurses.
 */

/** Longer texts than this are no names, links or messages. */
const textLimit = 4096;

export function member(value: unknown, ...path: readonly string[]): unknown {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

export function text(value: unknown, ...path: readonly string[]): string | undefined {
  const found = member(value, ...path);
  return typeof found === 'string' && found.length <= textLimit ? found : undefined;
}

export function flag(value: unknown, ...path: readonly string[]): boolean | undefined {
  const found = member(value, ...path);
  return typeof found === 'boolean' ? found : undefined;
}

export function number(value: unknown, ...path: readonly string[]): number | undefined {
  const found = member(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
}

export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = member(value, ...path);
  return Array.isArray(found) ? found : [];
}

export const texts = (value: unknown, ...path: readonly string[]): readonly string[] =>
  list(value, ...path).filter((entry) => typeof entry === 'string' && entry.length <= textLimit) as string[];

/** The names of an object's members, such as the vendors under `Oem`. */
export function names(value: unknown, ...path: readonly string[]): readonly string[] {
  const found = member(value, ...path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? Object.keys(found) : [];
}

export const link = (value: unknown, ...path: readonly string[]): string | undefined =>
  text(value, ...path, '@odata.id');

export const links = (value: unknown, ...path: readonly string[]): readonly string[] =>
  list(value, ...path).flatMap((entry) => link(entry) ?? []);
