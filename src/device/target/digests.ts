import type {Serial, Sha256} from '../../brand.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Sample} from '../../step/world.ts';
import {lineReader} from '../ssh/lines.ts';
import {exitFault, garbled, head, parseAnswer} from './answer.ts';
import type {Link} from './link.ts';
import {parseDigest} from './parse.ts';

/** One range may be a whole chunk on a slow disk; between two answers no more than that happens. */
const idleMs = 120_000;
const lineBytes = 1024;

/** Ranges as the agent reads them. */
export const rangeLines = (ranges: readonly Sample[]): string =>
  ranges.map(({offset, length}) => `${offset} ${length}\n`).join('');

/** Digests of ranges as they are on the disk, in the order asked; `progress` counts answers as they stream in. */
export async function readDigests(
  link: Link,
  disk: Serial,
  ranges: readonly Sample[],
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<Result<readonly Sha256[]>> {
  let reading = new Reading(ranges.length, progress);
  const output = await link.run(['digests', disk], {
    stdin: rangeLines(ranges),
    idleMs,
    signal,
    onStdout: (data) => reading.push(data),
    restart: () => (reading = new Reading(ranges.length, progress)),
  });
  if (!output.ok) return output;
  const fault = exitFault('digests', output.value);
  return fault ? failed(fault) : reading.end();
}

class Reading {
  readonly #found = new Map<number, Sha256>();
  readonly #asked: number;
  readonly #progress: (done: number) => void;
  readonly #lines = lineReader(
    lineBytes,
    (line) => this.#take(line),
    () => (this.#trouble ??= garbled('digests', 'a line is too long')),
  );
  #trouble: Result<never> | undefined;
  #at: 'head' | 'records' | 'end' = 'head';

  constructor(asked: number, progress: (done: number) => void) {
    this.#asked = asked;
    this.#progress = progress;
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
      if (digest.ok) this.#progress(this.#found.set(digest.value.index, digest.value.digest).size);
      else this.#trouble ??= digest;
    }
  }

  end(): Result<readonly Sha256[]> {
    if (this.#trouble) return this.#trouble;
    if (this.#at !== 'end' || this.#lines.rest() !== '' || this.#found.size !== this.#asked)
      return garbled('digests', 'not every range has a digest');
    return ok([...this.#found].toSorted(([a], [b]) => a - b).map(([, digest]) => digest));
  }
}
