const decimal = {B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15} as const;
const binary = {KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, PiB: 2 ** 50} as const;
const units: Readonly<Record<string, number>> = {...decimal, ...binary};

/** `480GB`, `1.92 TB`, `894GiB`. Disk makers count in powers of ten, and so do GB and TB here. */
export const sizeShape = /^\d{1,15}(?:\.\d{1,6})? ?(?:B|[kKMGTP]B|[KMGTP]iB)$/;

/** Bytes, or undefined where the text is no size, or is none that JavaScript counts exactly. */
export function sizeBytes(text: string): number | undefined {
  if (!sizeShape.test(text)) return undefined;
  const unit = units[text.replace(/^[\d. ]+/, '')] ?? 0;
  const bytes = Math.round(Number.parseFloat(text) * unit);
  return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact writing of a size in decimal units: `480GB`, `1.92TB`, `480103981056B`. */
export function sizeText(bytes: number): string {
  for (const unit of ['TB', 'GB', 'MB', 'kB'] as const) {
    const count = bytes / decimal[unit];
    if (count >= 1 && Number.isInteger(count * 100)) return `${count}${unit}`;
  }
  return `${bytes}B`;
}
