import type {RunId} from '../brand.ts';
import type {Stored} from '../engine/event.ts';
import {escape} from './escape.ts';
import {extend, type History} from './history.ts';
import type {Reporter} from './reporter.ts';
import {summarise} from './summary.ts';
import type {Stream} from './terminal.ts';

/**
 * JSON in ASCII: the exact value for a program, and nothing that a terminal would act on (`JSON.stringify` lets C1
 * controls and bidi marks through).
 */
export const jsonText = (value: unknown, space?: number): string =>
  JSON.stringify(value, undefined, space).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** An event as one line of NDJSON: the event's own fields beside `run`, `seq`, `at` and `hash`. */
export const jsonLine = (run: RunId, {seq, at, event, hash}: Stored): string =>
  jsonText({...event, run, seq, at, hash});

/** For programs: every event as a line on stdout, and a `RunSummary` as the last. */
export function jsonReporter({
  stdout,
  stderr,
  earlier,
}: {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly earlier: readonly Stored[];
}): Reporter {
  let history = earlier.reduce<History | undefined>(extend, undefined);
  let ended = false;
  return {
    event(stored) {
      if (ended) return;
      history = extend(history, stored);
      if (history) stdout.write(`${jsonLine(history.run, stored)}\n`);
    },
    progress() {},
    say(line) {
      stderr.write(`${escape(line)}\n`);
    },
    stopping() {},
    end() {
      if (ended) return;
      ended = true;
      if (history) stdout.write(`${jsonText(summarise(history))}\n`);
    },
  };
}
