import {DatabaseSync, StatementSync} from 'node:sqlite';

/**
 * Loaded before the program (`--import`): counts the time that passes inside SQLite, in which the whole program waits,
 * and tells it on stderr whenever an event of the run has been printed. Every event is printed once it is durable.
 */
let spent = 0;

function timed(prototype: object, names: readonly string[]): void {
  for (const name of names) {
    const usual = Reflect.get(prototype, name) as (...words: unknown[]) => unknown;
    Reflect.set(prototype, name, function (this: unknown, ...words: unknown[]): unknown {
      const begun = performance.now();
      try {
        return Reflect.apply(usual, this, words);
      } finally {
        spent += performance.now() - begun;
      }
    });
  }
}

timed(DatabaseSync.prototype, ['exec']);
timed(StatementSync.prototype, ['run', 'get', 'all']);

const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text: string | Uint8Array, ...rest: never[]): boolean => {
  const type = /"type":"(step\.started|step\.done)"/.exec(String(text))?.[1];
  const step = /"step":"([a-z0-9-]+)"/.exec(String(text))?.[1];
  if (type && step)
    process.stderr.write(`sqlite-clock ${type} ${step} ${spent.toFixed(3)} ${performance.now().toFixed(3)}\n`);
  return write(text, ...rest);
};
