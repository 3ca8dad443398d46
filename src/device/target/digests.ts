import type {Serial, Sha256} from '../../brand.ts';
import {systemClock, type Clock} from '../../clock.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Sample} from '../../step/world/target.ts';
import {lineReader} from '../ssh/lines.ts';
import {exitFault, garbled, head, parseAnswer} from './answer.ts';
import {passes, type Link} from './link.ts';
import {parseDigest} from './parse.ts';

/** One range may be a whole chunk on a slow disk; between two answers no more than that happens. */
const idleMs = 120_000;
const lineBytes = 1024;

/** Ranges as the agent reads them. */
export const rangeLines = (ranges: readonly Sample[]): string =>
  ranges.map(({offset, length}) => `${offset} ${length}\n`).join('');

/** Connections in a row that brought no digest before the reading is given up. */
const patience = 24;

/**
 * Digests of ranges as they are on the disk, in the order asked; `progress` counts answers as they stream in. Reading a
 * disk back takes minutes, and a line may be cut every few seconds: what was answered is not asked again.
 */
export async function readDigests(
  link: Pick<Link, 'run'>,
  disk: Serial,
  ranges: readonly Sample[],
  progress: (done: number) => void,
  signal: AbortSignal,
  clock: Clock = systemClock,
): Promise<Result<readonly Sha256[]>> {
  const found = new Map<number, Sha256>();
  for (let tries = 0; ;) {
    const before = found.size;
    const left = [...ranges.keys()].filter((index) => !found.has(index));
    const reading = new Reading(left.length, (index, digest) => {
      found.set(left[index] ?? index, digest);
      progress(found.size);
    });
    const output = await link.run(['digests', disk], {
      stdin: rangeLines(left.flatMap((index) => ranges[index] ?? [])),
      idleMs,
      signal,
      onStdout: (data) => reading.push(data),
      once: true,
    });
    if (output.ok) {
      const fault = exitFault('digests', output.value);
      const ended = fault ? failed(fault) : reading.end();
      return ended.ok ? ok([...found].toSorted(([a], [b]) => a - b).map(([, digest]) => digest)) : ended;
    }
    tries = found.size > before ? 0 : tries + 1;
    if (!passes(output.fault) || tries >= patience || signal.aborted) return output;
    await clock.sleep(Math.min(5_000, 100 * 2 ** tries), signal);
  }
}

class Reading {
  readonly #answered = new Set<number>();
  readonly #asked: number;
  readonly #answer: (index: number, digest: Sha256) => void;
  readonly #lines = lineReader(
    lineBytes,
    (line) => this.#take(line),
    () => (this.#trouble ??= garbled('digests', 'a line is too long')),
  );
  #trouble: Result<never> | undefined;
  #at: 'head' | 'records' | 'end' = 'head';

  constructor(asked: number, answer: (index: number, digest: Sha256) => void) {
    this.#asked = asked;
    this.#answer = answer;
  }

  push(data: Uint8Array): void {
    this.#lines.push(data);
  }

  #take(line: string): void {
    if (this.#at === 'head' && line === head) this.#at = 'records';
    else if (this.#at === 'records' && line === 'end') this.#at = 'end';
    else if (this.#at !== 'records') this.#trouble ??= garbled('digests', 'a line outside the answer');
    else {
      const answer = parseAnswer('digests', line);
      const digest = answer.ok ? parseDigest(answer.value, this.#asked) : answer;
      if (!digest.ok) this.#trouble ??= digest;
      else if (!this.#trouble) {
        this.#answered.add(digest.value.index);
        this.#answer(digest.value.index, digest.value.digest);
      }
    }
  }

  end(): Result<void> {
    if (this.#trouble) return this.#trouble;
    if (this.#at !== 'end' || this.#lines.rest() !== '' || this.#answered.size !== this.#asked)
      return garbled('digests', 'not every range has a digest');
    return ok(undefined);
  }
}
