import {fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Chunk} from '../../step/world/image.ts';
import type {Delivery} from '../../step/world/target.ts';
import {garbled} from './answer.ts';
import type {LogRecord} from './log.ts';

/** What a delivery has come to, by the logs of the writers that worked on it. */
export interface Delivered {
  /** Another writer begins, with a log of its own. */
  begin(): void;
  take(record: LogRecord): Promise<Result<void>>;
  /** Bytes that the target has taken in, without those that made chunks the caller knew of. */
  bytes(): number;
  /** Chunks that are not on the disk yet. */
  missing(): number;
  /** Every source has failed or lied, as far as is known. */
  deserted(): boolean;
}

export function delivered({image, want, from, written, note}: Delivery): Delivered {
  const missing = new Set(want.map(({index}) => index));
  const chunks = new Map(image.chunks.map((chunk) => [chunk.index, chunk]));
  const down = new Set<number>();
  let earlier = 0;
  let arrived = 0;
  let known = 0;

  const ofImage = (index: number, then: (chunk: Chunk) => Promise<Result<void>>): Promise<Result<void>> => {
    const chunk = chunks.get(index);
    return chunk ? then(chunk) : Promise.resolve(garbled('follow', `chunk ${index} is not of this image`));
  };
  return {
    begin() {
      earlier += arrived;
      arrived = 0;
      down.clear();
    },
    bytes: () => Math.max(0, earlier + arrived - known),
    missing: () => missing.size,
    deserted: () => from.length > 0 && down.size === from.length,
    async take(record) {
      switch (record.is) {
        case 'ack':
          arrived = record.arrived;
          return ofImage(record.index, async (chunk) => {
            if (record.digest !== chunk.raw) return failed(badChunk(chunk, 'differs'));
            // One that was not wanted was written for an earlier controller.
            if (!missing.has(chunk.index)) known += chunk.packedLength;
            else {
              await written(chunk);
              missing.delete(chunk.index);
            }
            return ok(undefined);
          });
        case 'bad':
          return ofImage(record.index, async (chunk) => failed(badChunk(chunk, record.reason)));
        case 'source': {
          if (record.state === 'up') down.delete(record.source);
          else down.add(record.source);
          const source = from[record.source];
          if (source) await note?.(`source ${source.host} port ${source.port} ${words(record)}`);
          return ok(undefined);
        }
        case 'moved':
        case 'done':
        case 'stopped':
          arrived = record.arrived;
          return ok(undefined);
        case 'head':
        case 'end':
          return ok(undefined);
        default:
          return record satisfies never;
      }
    },
  };
}

function words({state, detail}: Extract<LogRecord, {is: 'source'}>): string {
  switch (state) {
    case 'up':
      return 'answers again';
    case 'down':
      return `is left out for a while: ${detail}`;
    case 'wrong':
      return `sent other bytes for chunk ${detail} than the manifest says, and is not asked for a while`;
    default:
      return state satisfies never;
  }
}

function badChunk({index, offset}: Chunk, reason: 'packed' | 'write' | 'differs'): Fault {
  return reason === 'packed'
    ? fault('image.refused', `chunk ${index} did not arrive as the manifest says`, {detail: {index}})
    : fault(
        'disk.write-failed',
        `chunk ${index} at byte ${offset}: ${reason === 'differs' ? 'read back otherwise than written' : 'the disk refused the write'}`,
        {detail: {index, offset}},
      );
}
