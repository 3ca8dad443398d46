import type {Clock} from '../../clock.ts';
import type {Instant} from '../../brand.ts';
import type {Served} from '../../step/world/shelf.ts';
import {coverage} from './coverage.ts';

/** One request for the ISO, once it has ended. */
export interface Read {
  readonly at: Instant;
  /** Address of the reader: the BMC, or whoever else found the path. */
  readonly from: string;
  readonly method: 'GET' | 'HEAD';
  readonly status: number;
  /** What was asked for; `last` is included. */
  readonly range: {readonly first: number; readonly last: number} | undefined;
  /** What left this machine, which is less than asked for where the reader went away. */
  readonly bytes: number;
  readonly ms: number;
}

/** The account of what has been read: the best sign that a medium is really used, and evidence afterwards. */
export interface Reads {
  /** The last ones, oldest first. */
  readonly list: readonly Read[];
  served(): Served;
  /** Starts `covered` anew. */
  recount(): void;
  requested(): void;
  sent(from: number, to: number): void;
  ended(read: Read): void;
}

const kept = 1_000;

export function reads(clock: Clock, listener: ((read: Read) => void) | undefined): Reads {
  const list: Read[] = [];
  let covered = coverage();
  let bytes = 0;
  let requests = 0;
  let lastByte: number | undefined;
  return {
    list,
    served: () => ({
      bytes,
      requests,
      covered: covered.bytes,
      ...(lastByte === undefined ? {} : {idleMs: Math.max(0, Math.round(clock.ticks() - lastByte))}),
    }),
    recount: () => {
      covered = coverage();
    },
    requested: () => void requests++,
    sent(from, to) {
      bytes += to - from;
      covered.add(from, to);
      lastByte = clock.ticks();
    },
    ended(read) {
      list.push(read);
      if (list.length > kept) list.shift();
      listener?.(read);
    },
  };
}
