/**
 * Whether a value that came from JSON has a shape, to the last member. Written out, and not zod's, for what the commands
 * that are typed by reflex read: zod takes longer to load than `rebuild status` takes to run.
 */
export type Shape<T> = (value: unknown) => value is T;

/** What a value of a shape is. */
export type Of<S> = S extends ((value: unknown) => value is infer T) ? T : never;

export const text: Shape<string> = (value) => typeof value === 'string';
export const flag: Shape<boolean> = (value) => typeof value === 'boolean';
export const number: Shape<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
export const amount: Shape<number> = (value): value is number => number(value) && value >= 0;
/** How many of something. */
export const count: Shape<number> = (value): value is number => Number.isSafeInteger(value) && amount(value);

/** A text of so many characters. */
export const bounded =
  (least: number, most: number): Shape<string> =>
  (value): value is string =>
    text(value) && value.length >= least && value.length <= most;

export const oneOf =
  <const V extends string | number>(...values: readonly V[]): Shape<V> =>
  (value): value is V =>
    (values as readonly unknown[]).includes(value);

/** A text that its parser takes. */
export const branded =
  <B extends string>(parse: (text: string) => B | undefined): Shape<B> =>
  (value): value is B =>
    text(value) && parse(value) !== undefined;

export const list =
  <T>(item: Shape<T>, least = 0, most = Infinity): Shape<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.length >= least && value.length <= most && value.every(item);

export const either =
  <A, B>(one: Shape<A>, other: Shape<B>): Shape<A | B> =>
  (value): value is A | B =>
    one(value) || other(value);

type Members = Readonly<Record<string, Shape<unknown>>>;
type All<M extends Members> = {readonly [K in keyof M]: Of<M[K]>};
type Some<M extends Members> = {readonly [K in keyof M]?: Of<M[K]>};

/** All of `required`, any of `optional`, and nothing else. */
export function object<R extends Members>(required: R): Shape<All<R>>;
export function object<R extends Members, O extends Members>(required: R, optional: O): Shape<All<R> & Some<O>>;
export function object(required: Members, optional: Members = {}): Shape<object> {
  const members = new Map(Object.entries({...required, ...optional}));
  const needed = Object.keys(required);
  return (value): value is object =>
    isObject(value) &&
    needed.every((key) => Object.hasOwn(value, key)) &&
    Object.entries(value).every(([key, member]) => members.get(key)?.(member) === true);
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
