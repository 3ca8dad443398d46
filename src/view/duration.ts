import type {Instant} from '../brand.ts';

const two = (count: number): string => String(count).padStart(2, '0');

/** Exact enough to compare: `9s`, `3m52s`, `1h04m`, `12h`, `2d03h`. */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}m${two(s % 60)}s`;
  const [unit, part] = s < 86_400 ? [3600, 60] : [86_400, 3600];
  const rest = Math.floor((s % unit) / part);
  return `${Math.floor(s / unit)}${unit === 3600 ? 'h' : 'd'}${rest === 0 ? '' : `${two(rest)}${part === 60 ? 'm' : 'h'}`}`;
}

/** One unit, for "how long ago": `8s`, `12min`, `2h`, `3d`. */
export function roughly(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  if (s < 3600) return `${Math.floor(s / 60)}min`;
  if (s < 86_400) return `${Math.floor(s / 3600)}h`;
  return `${Math.floor(s / 86_400)}d`;
}

/** A forecast: `~10s`, `3-5min`, `40s-7min`. */
export function span({from, to}: {readonly from: number; readonly to: number}): string {
  const [low, high] = [roughly(from), atMost(to)];
  if (low === high) return `~${low}`;
  const unit = /[a-z]+$/;
  const same = unit.exec(low)?.[0] === unit.exec(high)?.[0];
  return `${same ? low.replace(unit, '') : low}-${high}`;
}

/** One unit, rounded up, for what is left: `40s`, `2min`. */
export const atMost = (seconds: number): string => roughly(roundUp(seconds));

/** Up to the next whole unit of the larger end, so that a forecast is not shortened by its own rounding. */
function roundUp(seconds: number): number {
  const unit = seconds < 60 ? 1 : seconds < 3600 ? 60 : seconds < 86_400 ? 3600 : 86_400;
  return Math.ceil(seconds / unit) * unit;
}

/** `09:16:31Z` */
export const clockTime = (at: Instant): string => `${at.slice(11, 19)}Z`;

/** `2026-11-21T09:16:31Z` */
export const wholeSeconds = (at: Instant): string => `${at.slice(0, 19)}Z`;

/** `2026-11-21 09:16Z` */
export const minute = (at: Instant): string => `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;

/** Seconds between two moments; never negative, because a controller's clock may have been set back between two events. */
export const secondsBetween = (from: Instant, to: Instant): number =>
  Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** Events carry milliseconds; a sum of their differences in binary fractions would show more. */
export const thousandths = (seconds: number): number => Math.round(seconds * 1000) / 1000;
