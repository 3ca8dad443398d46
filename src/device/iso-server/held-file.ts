import {createHash} from 'node:crypto';
import {open, type FileHandle} from 'node:fs/promises';
import type {Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {Tell} from '../../progress.ts';
import {failed, ok, type Result} from '../../result.ts';

/** A file opened once and held: what was checked is what is served, whatever happens to its name. */
export interface HeldFile {
  readonly size: number;
  readonly modified: Date;
  /** Up to `length` bytes at `position`; undefined where the disk fails or the file has been cut since it was opened. */
  read(position: number, length: number): Promise<Uint8Array | undefined>;
  /** Reads all of it again: `media.digest-differs` where it is not, or no longer, the file that was named. */
  check(): Promise<Result<void>>;
  /** Whether anything was written to it since it was last read whole: its change time, which no program can set, tells. */
  touched(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the file and checks it against its digest before anything can be read from it. */
export async function holdFile(path: string, sha256: Sha256, tell: Tell = () => {}): Promise<Result<HeldFile>> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    const {code = 'unknown error'} = error as NodeJS.ErrnoException;
    return failed(fault('media.not-served', `${path} cannot be read (${code})`));
  }
  const {size, mtime} = await handle.stat();
  let seen: bigint | undefined;
  const changed = async (): Promise<bigint> => (await handle.stat({bigint: true})).ctimeNs;
  const held: HeldFile = {
    size,
    modified: mtime,
    async read(position, length) {
      const read = await handle.read(Buffer.allocUnsafe(length), 0, length, position).catch(() => undefined);
      return read === undefined || read.bytesRead === 0 ? undefined : read.buffer.subarray(0, read.bytesRead);
    },
    async check() {
      const before = await changed();
      const hash = createHash('sha256');
      let done = 0;
      for await (const data of handle.createReadStream({start: 0, autoClose: false, highWaterMark: 1 << 20})) {
        hash.update(data as Buffer);
        done += (data as Buffer).length;
        tell({says: 'comparing its digest', done, of: size, unit: 'bytes'});
      }
      const found = hash.digest('hex');
      seen = found === sha256 ? before : undefined;
      if (seen !== undefined) return ok(undefined);
      return failed(
        fault('media.digest-differs', `${path} is sha256:${found}, not the image that was named`, {
          detail: {expected: sha256, found},
        }),
      );
    },
    touched: async () => (await changed()) !== seen,
    close: () => handle.close(),
  };
  const checked = await held.check();
  if (checked.ok) return ok(held);
  await held.close();
  return checked;
}
