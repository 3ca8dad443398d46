import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {z} from 'zod';
import type {Instant} from '../../brand.ts';
import {labFaultSchema} from './lab-fault.ts';

/** What a fault came to, and when. `seed` and the fault's own words bring the same again. */
export const strikeSchema = z.object({
  at: z.custom<Instant>((value) => typeof value === 'string'),
  fault: labFaultSchema,
  seed: z.number(),
  came: z.enum(['struck', 'mended', 'refused']),
  /** Why it was refused. */
  says: z.string().exactOptional(),
});
export type Strike = Readonly<z.infer<typeof strikeSchema>>;

/** Every strike as a JSON line of the lab's folder, and the newest of them in memory. */
export interface StrikeLog {
  note(strike: Strike): void;
  /** Newest last. */
  newest(): readonly Strike[];
}

const room = 200;

export function strikeLog(path: string): StrikeLog {
  let kept: readonly Strike[] = [];
  return {
    newest: () => kept,
    note(strike) {
      kept = [...kept, strike].slice(-room);
      appendFileSync(path, `${JSON.stringify(strike)}\n`, {mode: 0o600});
    },
  };
}

/** Every strike of a lab, whether or not somebody still keeps it. */
export const readStrikes = (path: string): readonly Strike[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => strikeSchema.parse(JSON.parse(line)))
    : [];
