import type {Instant, StepId} from '../brand.ts';
import type {JsonObject} from '../json.ts';
import {indices} from '../step/transfer/chunk-set.ts';
import {secondsBetween} from './duration.ts';

/**
 * What checkpoints tell of chunks that reach the disk, step by step. The light system writes on by itself while no
 * controller is there; what it did meanwhile shows in the first checkpoint after it.
 */
export interface Arrival {
  /** Image and boot id: under another light system, or of another image, the chunks are others. */
  readonly under: string;
  readonly chunks: ReadonlySet<number>;
  /** The last checkpoint; undefined where something broke in since, so that the time from it says nothing of the pace. */
  readonly at: Instant | undefined;
  /** What came undisturbed while a controller watched, and how long that took. */
  readonly watched: number;
  readonly seconds: number;
}

export type Arrivals = ReadonlyMap<StepId, Arrival>;

/** Something broke in on the step; on all, where none is named. */
export const disturbed = (arrivals: Arrivals, step?: StepId): Arrivals =>
  new Map(
    [...arrivals].map(([id, arrival]) => [
      id,
      step === undefined || step === id ? {...arrival, at: undefined} : arrival,
    ]),
  );

/** `fresh`: on the disk now and not at the checkpoint before. */
export function arrive(
  before: Arrivals,
  step: StepId,
  checkpoint: JsonObject,
  at: Instant,
): {readonly arrivals: Arrivals; readonly fresh: number} {
  const {phase, image, bootId, written} = checkpoint;
  if (phase !== 'writing' || typeof image !== 'string' || typeof bootId !== 'string' || typeof written !== 'string')
    return {arrivals: before, fresh: 0};
  const under = `${image} ${bootId}`;
  const chunks = indices(written);
  const known = before.get(step);
  const same = known?.under === under;
  const fresh = same ? chunks.difference(known.chunks).size : 0;
  const since = same ? known.at : undefined;
  const arrival: Arrival = {
    under,
    chunks,
    at,
    watched: (known?.watched ?? 0) + (since === undefined ? 0 : fresh),
    seconds: (known?.seconds ?? 0) + (since === undefined ? 0 : secondsBetween(since, at)),
  };
  return {arrivals: new Map([...before, [step, arrival]]), fresh};
}

/** Seconds a chunk of the step takes, over everything that was watched of it; undefined where nothing was. */
export function paceOf(arrivals: Arrivals, step: StepId | null): number | undefined {
  const arrival = step === null ? undefined : arrivals.get(step);
  return arrival && arrival.watched > 0 ? arrival.seconds / arrival.watched : undefined;
}
