import type {Serial} from '../../brand.ts';
import {systemClock, type Clock} from '../../clock.ts';
import {again, fault, type Fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Chunk} from '../../step/world.ts';
import {busy} from './answer.ts';
import {readDigests} from './digests.ts';
import type {Link} from './link.ts';
import type {Packet} from './packet.ts';
import {receive} from './receive.ts';

/** Connections in a row that moved no chunk before the transfer is given up. */
const patience = 6;

export interface Sending {
  readonly link: Link;
  readonly disk: Serial;
  readonly chunks: AsyncIterable<Packet>;
  readonly written: (chunk: Chunk) => Promise<void>;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Brings chunks to the disk over as many connections as it takes. A chunk is done once the receiver has read it back
 * with the manifest's digest. After a cut, chunks sent and not acknowledged are in doubt: the disk is asked, and only
 * what is not there is sent again.
 */
export async function send({
  link,
  disk,
  chunks,
  written,
  signal,
  clock = systemClock,
}: Sending): Promise<Result<{bytesSent: number}>> {
  const source = chunks[Symbol.asyncIterator]();
  const unacknowledged = new Map<number, Packet>();
  const count = {sent: 0, acknowledged: 0};
  const acknowledge = async (chunk: Chunk): Promise<void> => {
    await written(chunk);
    unacknowledged.delete(chunk.index);
    count.acknowledged++;
  };
  try {
    for (let tries = 0; ;) {
      const before = count.acknowledged;
      const settled = await settleDoubts(link, disk, unacknowledged, acknowledge, signal);
      const end = settled.ok
        ? await receive({link, disk, source, unacknowledged, acknowledge, count, signal})
        : settled;
      if (end.ok) return ok({bytesSent: count.sent});
      tries = count.acknowledged > before ? 0 : tries + 1;
      if (signal.aborted) return failed(fault('run.interrupted', 'the transfer was interrupted'));
      if (!passes(end.fault) || tries >= patience) return end;
      await clock.sleep(Math.min(10_000, 250 * 2 ** tries), signal);
    }
  } finally {
    await source.return?.();
  }
}

/** Trouble that a new connection may end: the connection's own, and an older receiver that still finishes its work. */
const passes = (trouble: Fault): boolean =>
  (trouble.code.startsWith('ssh.') && again(trouble) === 'safe') || trouble.detail?.['code'] === busy;

async function settleDoubts(
  link: Link,
  disk: Serial,
  unacknowledged: ReadonlyMap<number, Packet>,
  acknowledge: (chunk: Chunk) => Promise<void>,
  signal: AbortSignal,
): Promise<Result<void>> {
  const doubtful = [...unacknowledged.values()].map(({chunk}) => chunk);
  if (doubtful.length === 0) return ok(undefined);
  const digests = await readDigests(link, disk, doubtful, () => {}, signal);
  if (!digests.ok) return digests;
  for (const [place, chunk] of doubtful.entries()) if (digests.value[place] === chunk.raw) await acknowledge(chunk);
  return ok(undefined);
}
