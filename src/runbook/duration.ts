/** `12h`, `90m`, `1h30m`, `2d`, `45s`: each unit at most once, the largest first. */
export const durationShape = /^(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,6}s)?$/;

const seconds = {d: 86_400, h: 3_600, m: 60, s: 1} as const;

/** Seconds, or undefined where the text is no duration or is none at all. */
export function durationSeconds(text: string): number | undefined {
  if (!durationShape.test(text)) return undefined;
  let total = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)([dhms])/g)) total += Number(count) * seconds[unit as 'd'];
  return total > 0 ? total : undefined;
}
