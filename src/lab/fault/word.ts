import {isIPv4} from 'node:net';
import {serial} from '../../brand.ts';
import {sizeBytes} from '../../runbook/size.ts';
import {interval, spanSeconds} from './span.ts';

/** One option of a fault: what it wants, and the part of the fault that it gives; undefined where it is not that. */
interface Word {
  readonly wants: string;
  readonly read: (text: string) => Readonly<Record<string, unknown>> | undefined;
}

const word = (wants: string, field: string, read: (text: string) => unknown): Word => ({
  wants,
  read(text) {
    const value = read(text);
    return value === undefined ? undefined : {[field]: value};
  },
});

const whole = (text: string): number | undefined => (/^(?:0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined);
const positive = (text: string): number | undefined => whole(text) || undefined;
const bytes = (text: string): number | undefined => positive(text) ?? sizeBytes(text);
const oneOf =
  <T extends string>(...all: readonly T[]) =>
  (text: string): T | undefined =>
    all.find((each) => each === text);

/** `-2h`, `+90d`, `30s`. */
function signed(text: string): number | undefined {
  const span = spanSeconds(text.replace(/^[-+]/, ''));
  return span === undefined || !text.startsWith('-') ? span : -span;
}

function percent(text: string): number | undefined {
  const value = /^\d{1,3}(?:\.\d{1,4})?%?$/.test(text) ? Number.parseFloat(text) : 0;
  return value > 0 && value <= 100 ? value : undefined;
}

/** Options by the name they have on the command line and in a script alike. */
export const words = {
  'at-bytes': word('a size: 12MB, or 12000000', 'bytes', bytes),
  'at-stage': word('the name of a stage: ready', 'stage', (text) =>
    /^[a-z][a-z0-9-]*$/.test(text) ? text : undefined,
  ),
  'at-event': {
    wants: 'an event of the run: step.started:wipe, step.saved:install#10',
    read(text) {
      const [, event, step, nth = '1'] =
        /^([a-z]+\.[a-z]+)(?::([a-z][a-z0-9-]*))?(?:#([1-9]\d{0,5}))?$/.exec(text) ?? [];
      return event === undefined ? undefined : {event, ...(step !== undefined && {step}), nth: Number(nth)};
    },
  },
  'at-time': word('a duration: 30s', 'afterSeconds', spanSeconds),
  every: word('a duration, or a range of them: 30s..5min', 'every', interval),
  seed: word('a whole number', 'seed', whole),
  for: word('a duration: 10s', 'forSeconds', spanSeconds),
  on: word('medium or host', 'on', oneOf('medium', 'host')),
  rate: word('bytes per second: 1MB', 'bytesPerSecond', bytes),
  delay: word('a duration: 200ms', 'delaySeconds', spanSeconds),
  jitter: word('a duration: 20ms', 'jitterSeconds', spanSeconds),
  percent: word('a percentage: 2, or 0.1', 'percent', percent),
  count: word('a whole number: 3', 'count', positive),
  disk: word('the name or serial number of a disk', 'disk', (text) => text || undefined),
  serial: word('a serial number: OTHER-1', 'serial', serial),
  'at-byte': word('a byte of the disk: 4GB, or 4096', 'atByte', (text) => whole(text) ?? sizeBytes(text)),
  by: word('a duration, back or forth: -2h', 'bySeconds', signed),
  clock: word('kept or back', 'clock', oneOf('kept', 'back')),
  waiting: word('kept', 'waiting', oneOf('kept')),
  address: word('an IPv4 address', 'address', (text) => (isIPv4(text) ? text : undefined)),
} as const satisfies Record<string, Word>;

export type WordName = keyof typeof words;
export const isWord = (name: string): name is WordName => Object.hasOwn(words, name);
