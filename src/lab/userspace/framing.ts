/** A frame's length comes before it, 4 bytes, big-endian: QEMU's `-netdev stream` and `socket` (net/net.c). */
const prefixBytes = 4;
// The longest that QEMU itself takes: NET_BUFSIZE.
const longest = 4096 + 65_536;

/** Cuts QEMU's stream into frames, wherever the stream itself is cut. */
export class Framing {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `data` completes, each with its prefix; undefined once the stream makes no sense any more. */
  push(data: Buffer): readonly Buffer[] | undefined {
    let rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    const frames: Buffer[] = [];
    while (rest.length >= prefixBytes) {
      const length = rest.readUInt32BE(0);
      if (length > longest) return undefined;
      const end = prefixBytes + length;
      if (rest.length < end) break;
      frames.push(rest.subarray(0, end));
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}

/** A frame without the prefix it came with. */
export const framed = (frame: Buffer): Buffer => frame.subarray(prefixBytes);
