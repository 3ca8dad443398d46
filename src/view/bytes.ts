const units = ['kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Three figures in powers of ten, as disks are sold: `512 B`, `38.4 MB`, `1.92 TB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  let value = count;
  let unit: string = 'B';
  for (const next of units) {
    // 999.5 would be written with four figures.
    if (value < 999.5) break;
    value /= 1000;
    unit = next;
  }
  return `${figures(value)} ${unit}`;
}

/** `21.4 MB/s` */
export const rate = (bytesPerSecond: number): string => `${bytes(bytesPerSecond)}/s`;

const figures = (value: number): string => {
  const text = value < 9.995 ? value.toFixed(2) : value < 99.95 ? value.toFixed(1) : value.toFixed(0);
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
};
