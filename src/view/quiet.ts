import type {Stored} from '../engine/event.ts';
import {ending} from './ending.ts';
import {extend, type History} from './history.ts';
import {plainPaint} from './paint.ts';
import type {Reporter} from './reporter.ts';
import type {Stream} from './terminal.ts';

export interface QuietOptions {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly earlier: readonly Stored[];
}

/** Says nothing but the result, and advice when it did not end well. */
export function quietReporter({stdout, stderr, earlier}: QuietOptions): Reporter {
  let history = earlier.reduce<History | undefined>(extend, undefined);
  let ended = false;
  return {
    event(stored) {
      history = extend(history, stored);
    },
    progress() {},
    say() {},
    stopping() {},
    end() {
      if (ended || !history) return;
      ended = true;
      const {result, advice} = ending(history, plainPaint);
      if (advice.length) stderr.write(`${advice.join('\n')}\n`);
      stdout.write(`${result}\n`);
    },
  };
}
