import type {Instant} from '../brand.ts';
import {fault, type Fault} from '../fault.ts';
import type {Holder} from './journal.ts';
import type {Life, ProcessMark} from './process.ts';

/** A host's lease as it is kept. The row stays after a release: `epoch` must never be given twice. */
export interface LeaseRecord {
  readonly epoch: number;
  readonly holder: Holder;
  readonly mark: ProcessMark | undefined;
  readonly taken: Instant;
  readonly expires: Instant;
  readonly released: boolean;
}

export type Standing =
  | {readonly is: 'free'}
  | {readonly is: 'held'; readonly by: LeaseRecord; readonly life: Life}
  /** May be taken over: the holder let it expire, or is provably dead. */
  | {readonly is: 'lapsed'; readonly from: LeaseRecord; readonly because: 'expired' | 'dead'};

/**
 * Who has the host. A live process keeps it even past its expiry: a laptop that slept renews too late, and two
 * controllers on one machine are worse than one that hangs and can be ended by a person.
 */
export function judge(record: LeaseRecord | undefined, now: Instant, life: Life): Standing {
  if (record === undefined || record.released) return {is: 'free'};
  if (life === 'dead') return {is: 'lapsed', from: record, because: 'dead'};
  if (life === 'alive' || now < record.expires) return {is: 'held', by: record, life};
  return {is: 'lapsed', from: record, because: 'expired'};
}

/** The moment `ms` after `now`. */
export const later = (now: Instant, ms: number): Instant => new Date(Date.parse(now) + ms).toISOString() as Instant;

export function leaseHeld(host: string, by: LeaseRecord, life: Life): Fault {
  const {who, pid, reason} = by.holder;
  const until = life === 'alive' ? 'its process is alive on this machine' : `until ${by.expires}`;
  return fault('lease.held', `${host} is held by ${who} (pid ${pid}, ${reason}) since ${by.taken}, ${until}`, {
    detail: {who, pid, reason, taken: by.taken, expires: by.expires, epoch: by.epoch},
  });
}

export function leaseLost(host: string, epoch: number, now: LeaseRecord | undefined): Fault {
  const state =
    now === undefined
      ? 'there is no lease'
      : now.epoch === epoch
        ? 'it was released'
        : `${now.holder.who} (pid ${now.holder.pid}) took it at ${now.taken}`;
  return fault('lease.lost', `the lease on ${host} is no longer ours: ${state}`, {detail: {epoch}});
}
