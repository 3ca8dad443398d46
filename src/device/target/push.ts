import type {Serial} from '../../brand.ts';
import type {Clock} from '../../clock.ts';
import {coverage} from '../iso-server/coverage.ts';
import type {Fault} from '../../fault.ts';
import type {Delivery} from '../../step/world/target.ts';
import {blobOf} from './blob.ts';
import {few} from './few.ts';
import type {Link} from './link.ts';
import {serveStream} from './serve.ts';
import {usual} from './usual.ts';

/** Connections to the target beside the one that is asked: with loss on the way, one alone is slow. */
export const mostStreams = 6;
/** What makes a further connection worth its handshake. */
const bytesAStream = 2_000_000;
/** dropbear takes five from one address that have not logged in yet, and the connection that is asked may be one. */
const handshakesAtOnce = 4;

export interface Push {
  /** Begins to send. Again: nothing. */
  start(): void;
  /** Bytes handed to connections. */
  sent(): number;
  /** Those of them that had been handed to one before. */
  again(): number;
  /** Resolves where sending is of no use any more; never while it is. */
  readonly failed: Promise<Fault>;
}

export interface Pushing {
  readonly link: Link;
  readonly disk: Serial;
  readonly delivery: Delivery;
  readonly clock: Clock;
  /** The target has its orders: before that it would say that nothing is wanted. */
  readonly ordered: Promise<void>;
  /** A stream's connection was opened, or broke. */
  readonly opened: () => void;
  readonly broke: (says: string) => void;
  /** Ends every stream. */
  readonly signal: AbortSignal;
}

/** The controller as a source: several connections on which the target asks for what it wants. */
export function pushTo({link, disk, delivery, clock, ordered, opened, broke, signal}: Pushing): Push {
  const {image, want, packed} = delivery;
  const {promise: trouble, resolve, reject} = Promise.withResolvers<Fault>();
  // Where nobody waits for it any more, an image that cannot be read does not matter.
  trouble.catch(() => {});
  let started = false;
  const covered = coverage();
  let sent = 0;
  return {
    failed: trouble,
    sent: () => sent,
    again: () => sent - covered.bytes,
    start() {
      if (started) return;
      started = true;
      const bytes = want.reduce((sum, {packedLength}) => sum + packedLength, 0);
      const streams = Math.max(1, Math.min(mostStreams, Math.ceil(bytes / bytesAStream)));
      const shared = {
        blob: blobOf(image, want, packed),
        usual: usual(),
        handshake: few(handshakesAtOnce),
        opened,
        broke,
        sent: (at: number, bytes: number) => {
          sent += bytes;
          covered.add(at, at + bytes);
        },
      };
      for (let slot = 0; slot < streams; slot++)
        void serveStream({link, disk, slot, clock, ordered, signal, ...shared}).then(
          (end) => (end.code === 'run.interrupted' ? undefined : resolve(end)),
          reject,
        );
    },
  };
}
