import {sha256, type Serial} from '../../brand.ts';
import {frameBytes, framesOf, type Frame} from '../../evidence/frame.ts';
import {failed, ok, type Result} from '../../result.ts';
import {exitFault, garbled, head, parseAnswer} from './answer.ts';
import type {Link} from './link.ts';
import {count} from './parse.ts';

const idleMs = 5 * 60_000;
const lineBytes = 256;
/** zstd adds little to what does not compress. */
const mostPacked = frameBytes + frameBytes / 64;

/** Reads a disk from frame `from` on (`src/image/light/system/target-image`); each frame is waited for until it is kept. */
export async function readImage(
  link: Pick<Link, 'talk'>,
  disk: Serial,
  from: number,
  keep: (frame: Frame, sizeBytes: number) => Promise<Result<void>>,
  signal: AbortSignal,
): Promise<Result<void>> {
  const reading = new Reading(from, keep);
  let dropped: Result<never> | undefined;
  const begun = await link.talk(['image', disk, String(from * frameBytes)], {
    idleMs,
    signal,
    onStdout: async (data) => {
      if (dropped) return;
      const taken = await reading.push(Buffer.from(data));
      if (taken.ok) return;
      dropped = failed(taken.fault);
      talk?.drop(taken.fault);
    },
  });
  if (!begun.ok) return begun;
  const talk = begun.value;
  talk.end();
  const exit = await talk.exit;
  if (dropped) return dropped;
  if (!exit.ok) return exit;
  const refused = exitFault('image', exit.value);
  return refused ? failed(refused) : reading.end();
}

class Reading {
  #rest: Buffer = Buffer.alloc(0);
  #at: 'head' | 'size' | 'records' | 'end' = 'head';
  #next: number;
  #size = 0;
  #unread: [number, number][] = [];
  #payload: {readonly index: number; readonly raw: NonNullable<Frame['raw']>; readonly bytes: number} | undefined;
  readonly #keep: (frame: Frame, sizeBytes: number) => Promise<Result<void>>;

  constructor(from: number, keep: (frame: Frame, sizeBytes: number) => Promise<Result<void>>) {
    this.#next = from;
    this.#keep = keep;
  }

  async push(data: Buffer): Promise<Result<void>> {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    for (;;) {
      if (this.#payload) {
        const {index, raw, bytes} = this.#payload;
        if (this.#rest.length < bytes) return ok(undefined);
        const packed = Buffer.from(this.#rest.subarray(0, bytes));
        this.#rest = this.#rest.subarray(bytes);
        this.#payload = undefined;
        const kept = await this.#done({index, raw, packed, unread: this.#unread});
        if (!kept.ok) return kept;
        continue;
      }
      const end = this.#rest.indexOf(0x0a);
      if (end === -1) return this.#rest.length > lineBytes ? garbled('image', 'a line is too long') : ok(undefined);
      const line = this.#rest.subarray(0, end).toString('latin1');
      this.#rest = this.#rest.subarray(end + 1);
      const taken = await this.#take(line);
      if (!taken.ok) return taken;
    }
  }

  async #take(line: string): Promise<Result<void>> {
    if (this.#at === 'head') {
      this.#at = 'size';
      return line === head ? ok(undefined) : garbled('image', 'its head is missing');
    }
    const answer = parseAnswer('image', line);
    if (!answer.ok) return answer;
    const {key, values} = answer.value;
    const [first, second] = values;
    const number = count(first);
    if (this.#at === 'size' && key === 'size' && number !== undefined && values.length === 1) {
      this.#size = number;
      this.#at = 'records';
      return ok(undefined);
    }
    if (this.#at !== 'records') return garbled('image', 'a record where none belongs');
    if (key === 'end' && values.length === 0) {
      this.#at = 'end';
      return this.#next === framesOf(this.#size) ? ok(undefined) : garbled('image', 'it ends before the disk');
    }
    const length = count(second);
    if (key === 'unread' && number !== undefined && length !== undefined && this.#unread.length < 256) {
      this.#unread.push([number, length]);
      return ok(undefined);
    }
    if (number === undefined || number !== this.#next) return garbled('image', 'a chunk out of its order');
    if (key === 'zero' && values.length === 1) return this.#done({index: number, unread: this.#unread});
    const raw = sha256(second ?? '');
    const bytes = count(values[2]);
    if (key !== 'chunk' || !raw || bytes === undefined || bytes === 0 || bytes > mostPacked)
      return garbled('image', 'a chunk that is none');
    this.#payload = {index: number, raw, bytes};
    return ok(undefined);
  }

  async #done(frame: Frame): Promise<Result<void>> {
    this.#unread = [];
    this.#next = frame.index + 1;
    return this.#keep(frame, this.#size);
  }

  end(): Result<void> {
    return this.#at === 'end' ? ok(undefined) : garbled('image', 'its end is missing');
  }
}
