import type {Result} from '../result.ts';

/** Does a thing once for each key, however many ask for it at once; what has failed is tried anew when asked for again. */
export function onceEach<K, A extends readonly unknown[], T>(
  make: (key: K, ...more: A) => Promise<Result<T>>,
): (key: K, ...more: A) => Promise<Result<T>> {
  const made = new Map<K, Promise<Result<T>>>();
  return async (key, ...more) => {
    const now = made.get(key) ?? make(key, ...more);
    made.set(key, now);
    const result = await now;
    if (!result.ok && made.get(key) === now) made.delete(key);
    return result;
  };
}
