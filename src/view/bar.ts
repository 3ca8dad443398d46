import {bytes, rate} from './bytes.ts';
import {duration} from './duration.ts';
import {percent, rateOf, stillSeconds, type Meter} from './meter.ts';

/** `[########----------------]  34 %  113 MB of 334 MB  12.3 MB/s`; undefined where nobody knows how much it is. */
export function bar(meter: Meter, ticks: number): string | undefined {
  const done = percent(meter.progress);
  if (done === undefined) return undefined;
  const filled = Math.floor((done / 100) * barColumns);
  const drawn = `[${'#'.repeat(filled)}${'-'.repeat(barColumns - filled)}]`;
  return (
    [drawn, `${String(done).padStart(3)} %`].join(' ') +
    sum(meter, ticks)
      .map((part) => `  ${part}`)
      .join('')
  );
}

const barColumns = 24;

/** The same in words: `34 %, 113 MB of 334 MB, 12.3 MB/s`. */
export function barWords(meter: Meter, ticks: number): string | undefined {
  const done = percent(meter.progress);
  return done === undefined ? undefined : [`${done} %`, ...sum(meter, ticks)].join(', ');
}

function sum(meter: Meter, ticks: number): readonly string[] {
  const {done = 0, of = 0, unit} = meter.progress;
  const speed = rateOf(meter, ticks);
  const still = stillSeconds(meter, ticks);
  const amount = (count: number): string =>
    unit === 'bytes' ? bytes(count) : unit === 'seconds' ? duration(count) : String(count);
  // Told from the first seconds on: at night the question is whether it still moves.
  if (still >= 10 && done < of) return [`${amount(done)} of ${amount(of)}`, `not moved for ${duration(still)}`];
  return [`${amount(done)} of ${amount(of)}`, ...(speed !== undefined && unit === 'bytes' ? [rate(speed)] : [])];
}
