const bytes = {B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30} as const;
const bits = {kbit: 1e3 / 8, Mbit: 1e6 / 8, Gbit: 1e9 / 8} as const;
const units: Readonly<Record<string, number>> = {...bytes, ...bits};

/** `170kB/s`, `1.3 MB/s`, `10Mbit/s`: how fast a path carries bytes. */
export const rateShape = /^\d{1,9}(?:\.\d{1,3})? ?(?:B|[kKMG]B|[KMG]iB|[kMG]bit)\/s$/;

/** Bytes a second, or undefined where the text is no rate, or is none at all. */
export function bytesPerSecond(text: string): number | undefined {
  if (!rateShape.test(text)) return undefined;
  const unit = units[text.replace(/^[\d. ]+/, '').replace('/s', '')] ?? 0;
  const rate = Number.parseFloat(text) * unit;
  return rate > 0 ? rate : undefined;
}
