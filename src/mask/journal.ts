import type {Journal} from '../journal/journal.ts';
import {maskEvent} from './event.ts';
import type {Masker} from './mask.ts';

/** The journal behind a masker: no event reaches it that holds one of the secrets. */
export function masked(journal: Journal, masker: Masker): Journal {
  return {
    nextRun: (host) => journal.nextRun(host),
    append: (run, event, lease) => journal.append(run, maskEvent(event, masker), lease),
    read: (run) => journal.read(run),
    after: (run, seq) => journal.after(run, seq),
    carry: (run) => journal.carry(run),
    receive: (run, carried) => journal.receive(run, carried),
    runs: (host) => journal.runs(host),
    unfinished: (host) => journal.unfinished(host),
    verify: (run) => journal.verify(run),
    audit: (run) => journal.audit(run),
    take: (host, holder, ttlMs) => journal.take(host, holder, ttlMs),
    renew: (lease, ttlMs) => journal.renew(lease, ttlMs),
    holds: (lease) => journal.holds(lease),
    release: (lease) => journal.release(lease),
    holder: (host) => journal.holder(host),
    close: () => journal.close(),
  };
}
