import {join} from 'node:path';
import {Link, type Congestion} from '../link/link.ts';
import type {LinkShape} from '../link/shape.ts';
import {sha256Of, type BenchImage} from './image.ts';
import type {Contestant} from './contestant/contestant.ts';
import {watchMemory, type Peak} from './memory.ts';
import {setUp} from './place.ts';

export interface Condition {
  /** In rows' names, where congestion control and cuts do not tell it from another. */
  readonly called?: string;
  readonly shape: LinkShape;
  readonly congestion: Congestion;
  /** Every connection is reset so often, for as long as it takes; undefined: never. */
  readonly cutEveryMs?: number;
  /** An attempt is given up after so many times the ideal. */
  readonly patience: number;
  /** Watch what the target's end takes of memory, which takes a little of a processor. */
  readonly memory?: true;
}

/** One attempt of one contestant. */
export interface Attempted {
  readonly end: 'done' | 'given up';
  readonly seconds: number;
  /** Over the ideal: our compressed bytes at the link's full rate. */
  readonly ratio: number;
  readonly cuts: number;
  /** IP packets' bytes towards the target and back, and what of them was lost on the wire or dropped before it. */
  readonly wire: {
    readonly toTarget: number;
    readonly toSource: number;
    readonly lost: number;
    readonly dropped: number;
  };
  /** The contestant's own words: starts, chunks sent again. */
  readonly counts: Readonly<Record<string, number>>;
  readonly peak?: Peak;
}

export const idealSeconds = ({packedBytes}: BenchImage, {bytesPerSecond}: LinkShape): number =>
  packedBytes / bytesPerSecond;

/** Lays a link, lets one contestant bring the image over it, and compares what is on the disk with the image. */
export async function attempt(
  contestant: Contestant,
  image: BenchImage,
  {shape, congestion, cutEveryMs, patience, memory}: Condition,
  seed: number,
): Promise<Attempted> {
  const ideal = idealSeconds(image, shape);
  const link = await Link.lay(shape, congestion, seed);
  try {
    const place = await setUp(link, image, contestant.needs);
    try {
      const ready = await contestant.ready(place);
      try {
        const before = await link.counts();
        const limit = AbortSignal.timeout(Math.round(ideal * patience * 1000));
        const begun = performance.now();
        const cutter = startCutter(link, cutEveryMs);
        let counts: Readonly<Record<string, number>> | undefined;
        let peak: Peak | undefined;
        let seconds: number;
        try {
          if (memory && place.light) {
            const ram = join(place.light.stage.folder, 'run');
            const watched = await watchMemory(
              () => link.pids('target'),
              ram,
              () => ready.go(limit),
            );
            [counts, peak] = [watched.value, watched.peak];
          } else counts = await ready.go(limit);
        } catch (error) {
          if (!limit.aborted) throw error;
        } finally {
          seconds = (performance.now() - begun) / 1000;
          await cutter.stop();
        }
        const {toTarget, toSource} = await link.counts();
        const end = counts === undefined || limit.aborted ? 'given up' : 'done';
        if (end === 'done' && (await sha256Of(ready.disk ?? place.disk, image.bytes)) !== image.sha256)
          throw new Error(
            `${contestant.name} (${contestant.sends}) says it is done, and the disk holds something else`,
          );
        return {
          end,
          seconds,
          ratio: seconds / ideal,
          cuts: cutter.cuts(),
          wire: {
            toTarget: toTarget.bytes - before.toTarget.bytes,
            toSource: toSource.bytes - before.toSource.bytes,
            lost: toTarget.lost + toSource.lost,
            dropped: toTarget.dropped + toSource.dropped,
          },
          counts: counts ?? {},
          ...(peak && {peak}),
        };
      } finally {
        await ready.close?.();
      }
    } finally {
      await place.close();
    }
  } finally {
    await link.remove();
  }
}

function startCutter(link: Link, everyMs: number | undefined): {cuts(): number; stop(): Promise<void>} {
  let cuts = 0;
  let last = Promise.resolve();
  const timer =
    everyMs === undefined
      ? undefined
      : setInterval(() => {
          last = link.cut().then(() => void cuts++);
        }, everyMs);
  return {
    cuts: () => cuts,
    async stop() {
      clearInterval(timer);
      await last;
    },
  };
}
