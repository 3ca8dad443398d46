import {createHash} from 'node:crypto';
import {promisify} from 'node:util';
import {zstdCompress} from 'node:zlib';
import type {Sha256} from '../../brand.ts';
import {frameBytes, type Range} from '../../evidence/frame.ts';
import {ok, type Result} from '../../result.ts';
import type {KeptImage, KeptStream} from '../../step/world/evidence.ts';

const compress = promisify(zstdCompress);
const zero = Buffer.alloc(frameBytes);

/** What comes as a stream, kept in frames: cut, hashed and compressed here. */
export function streamInto(image: KeptImage): KeptStream {
  const buffer = Buffer.alloc(frameBytes);
  const from = image.next * frameBytes;
  let index = image.next;
  let filled = 0;
  let unread: Range[] = [];

  const settle = async (): Promise<Result<void>> => {
    const data = buffer.subarray(0, filled);
    const empty = data.equals(zero.subarray(0, filled));
    const frame = {
      index,
      unread,
      ...(!empty && {
        raw: createHash('sha256').update(data).digest('hex') as Sha256,
        packed: await compress(data, {pledgedSrcSize: data.length}),
      }),
    };
    const kept = await image.keep(frame, index * frameBytes + filled);
    index++;
    filled = 0;
    unread = [];
    return kept;
  };

  return {
    from,
    unread: () => [...image.unread(), ...unread],
    async write(data, unreadAt) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      for (let done = 0; done < bytes.length;) {
        const copied = bytes.copy(buffer, filled, done);
        if (unreadAt !== undefined) unread.push([unreadAt + done, copied]);
        filled += copied;
        done += copied;
        if (filled < frameBytes) continue;
        const kept = await settle();
        if (!kept.ok) return kept;
      }
      return ok(undefined);
    },
    pause: () => image.pause(),
    async end(tell) {
      const total = index * frameBytes + filled;
      if (filled > 0) {
        const kept = await settle();
        if (!kept.ok) return kept;
      }
      const ended = await image.end(total, tell);
      return ended.ok ? ok({...ended.value, rawBytes: total}) : ended;
    },
  };
}
