import {z} from 'zod';

/** Seconds; fractions count. */
export const seconds = z.number().positive();

/**
 * When a fault strikes: at once, once so much of the medium has been read, once the console shows a stage of the light
 * system, or at an event of the run. `afterSeconds` counts from there; with `now`, from when the lab was told.
 */
export const momentSchema = z.discriminatedUnion('at', [
  z.object({at: z.literal('now'), afterSeconds: seconds.exactOptional()}),
  z.object({at: z.literal('bytes'), bytes: z.int().positive(), afterSeconds: seconds.exactOptional()}),
  z.object({at: z.literal('stage'), stage: z.string(), afterSeconds: seconds.exactOptional()}),
  z.object({
    at: z.literal('event'),
    /** The event's type as the journal has it: `step.started`. */
    event: z.string(),
    /** Of this step alone. */
    step: z.string().exactOptional(),
    /** The so-manieth such event after the lab was told. */
    nth: z.int().positive(),
    afterSeconds: seconds.exactOptional(),
  }),
]);
export type Moment = Readonly<z.infer<typeof momentSchema>>;

/** Seconds between two strikes; drawn anew each time where it is a range. */
export const intervalSchema = z.object({fromSeconds: seconds, toSeconds: seconds});
export type Interval = Readonly<z.infer<typeof intervalSchema>>;

/** What every fault but `mend` may be given. */
export const timing = {
  when: momentSchema,
  /** Strikes again and again until `mend`: without a moment of its own, the first time after one interval. */
  every: intervalSchema.exactOptional(),
  /** What is drawn at random comes from it; the keeper draws one, and notes it, where there is none. */
  seed: z.int().nonnegative().exactOptional(),
};

/** For a condition that ends by itself; without it, it lasts until `mend`. */
export const lasting = {forSeconds: seconds.exactOptional()};
