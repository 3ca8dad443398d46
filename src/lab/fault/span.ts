import {durationSeconds} from '../../runbook/duration.ts';
import type {Interval} from './moment.ts';

const factors = {ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400} as const;

/** Seconds of `200ms`, `1.5s`, `30min` or `1h30m`; undefined where the text is none, or none at all. */
export function spanSeconds(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|min|m|h|d)$/.exec(text) ?? [];
  if (count === undefined || unit === undefined) return durationSeconds(text);
  const seconds = Number(count) * factors[unit as keyof typeof factors];
  return seconds > 0 ? seconds : undefined;
}

/** `30s`, or `30s..5min`, each time drawn anew. */
export function interval(text: string): Interval | undefined {
  const [from = '', to = from, ...more] = text.split('..');
  const [fromSeconds, toSeconds] = [spanSeconds(from), spanSeconds(to)];
  if (more.length > 0 || fromSeconds === undefined || toSeconds === undefined || toSeconds < fromSeconds)
    return undefined;
  return {fromSeconds, toSeconds};
}
