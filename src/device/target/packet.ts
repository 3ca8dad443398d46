import type {Chunk} from '../../step/world.ts';

/** A chunk and its compressed bytes. */
export interface Packet {
  readonly chunk: Chunk;
  readonly data: Uint8Array;
}

/** Chunks sent and not yet acknowledged. The receiver works on as many at once as it has processors; one more arrives. */
export const window = 4;
