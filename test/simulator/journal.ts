import {createHash} from 'node:crypto';
import type {HostName, RunId, Sha256} from '../../src/brand.ts';
import type {Clock} from '../../src/clock.ts';
import type {Event, Stored} from '../../src/engine/event.ts';
import type {Journal, Lease} from '../../src/journal/journal.ts';
import {ok} from '../../src/result.ts';

/** A journal in memory: what is appended survives a simulated death of the controller, as the real one's rows do. */
export function memoryJournal(clock: Clock): Journal & {readonly entries: readonly Stored[]} {
  const entries: Stored[] = [];
  return {
    entries,
    nextRun: async (host) => ok(`${host}-1` as RunId),
    append: async (_, event: Event) => {
      const seq = entries.length + 1;
      const hash = createHash('sha256').update(`${seq}`).digest('hex') as Sha256;
      const stored: Stored = {seq, at: clock.now(), event: structuredClone(event), hash};
      entries.push(stored);
      return ok(stored);
    },
    read: async () => ok([...entries]),
    after: async (_, seq) => ok(entries.slice(seq)),
    carry: async () => ok({links: [], epoch: 1}),
    receive: async () => ok({added: 0}),
    runs: async () => ok([]),
    unfinished: async () => ok(undefined),
    verify: async () => ok({holds: true, entries: entries.length}),
    audit: async () => ok({verdict: {holds: true, entries: entries.length}, intact: entries.length, rows: []}),
    take: async (host, holder) => ok({host, epoch: 1, holder}),
    renew: async (lease) => ok(lease),
    holds: async () => ok(undefined),
    release: async () => ok(undefined),
    holder: async () => ok(undefined),
    close: () => {},
  };
}

export const lease: Lease = {host: 'marruuk' as HostName, epoch: 1, holder: {who: 'test@here', pid: 1, reason: 'test'}};
