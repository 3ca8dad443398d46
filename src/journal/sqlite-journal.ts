import type {DatabaseSync} from 'node:sqlite';
import type {HostName, RunId} from '../brand.ts';
import type {Clock} from '../clock.ts';
import type {Event, Stored} from '../engine/event.ts';
import {fault, type Fault} from '../fault.ts';
import {canonical, type Json} from '../json.ts';
import {failed, ok, type Result} from '../result.ts';
import {follow, genesis, linkHash, type Link} from './chain.ts';
import {entryTable} from './entry-table.ts';
import type {ChainVerdict, Journal, Lease, TakenFrom} from './journal.ts';
import {judge, later, leaseHeld, leaseLost, type LeaseRecord, type Standing} from './lease.ts';
import {leaseTable} from './lease-table.ts';
import {audit} from './audit.ts';
import {parseEvent} from './parse-event.ts';
import {lifeOf, markProcess} from './process.ts';
import {sqliteFault} from './sqlite-fault.ts';
import {consistently, immediately} from './transaction.ts';

/** The journal's deeds on an open database whose layout has been settled. */
export function journalOn(db: DatabaseSync, file: string, clock: Clock): Journal {
  const entries = entryTable(db);
  const leases = leaseTable(db);

  // oxlint-disable-next-line typescript/require-await -- async, so that a bug rejects and does not escape the call
  const reads = async <T>(work: () => Result<T>): Promise<Result<T>> => {
    try {
      return work();
    } catch (error) {
      const known = sqliteFault(file, error);
      if (known === undefined) throw error;
      return failed(known);
    }
  };
  const writes = <T>(work: () => Result<T>): Promise<Result<T>> => reads(() => immediately(db, work));

  const runsOf = (host?: HostName): readonly RunId[] =>
    entries.runs().filter((run) => host === undefined || hostOf(run) === host);

  const ended = (run: RunId): boolean =>
    entries.endings(run).some((text) => {
      const type = parseEvent(text)?.type;
      return type === 'run.done' || type === 'run.abandoned';
    });

  const followed = (run: RunId): Result<{links: readonly Link[]; verdict: ChainVerdict}> => {
    const [links, head] = consistently(db, () => [entries.links(run), entries.head(run)] as const);
    return links.length === 0 && head === undefined
      ? failed(fault('run.missing', `there is no run ${run} in ${file}`))
      : ok({links, verdict: follow(links, head)});
  };

  const broken = (run: RunId, {seq, says}: Extract<ChainVerdict, {holds: false}>): Fault =>
    fault('journal.broken', `${run}: ${says}`, {detail: {file, run, seq}});

  const standing = (record: LeaseRecord | undefined): Standing =>
    judge(record, clock.now(), record?.mark === undefined ? 'unknown' : lifeOf(record.mark));

  /** The record when it is still `lease`'s own, else the fault that says who has the host now. */
  const fenced = (lease: Lease): Result<LeaseRecord> => {
    const record = leases.find(lease.host);
    return record !== undefined && record.epoch === lease.epoch && !record.released
      ? ok(record)
      : failed(leaseLost(lease.host, lease.epoch, record));
  };

  return {
    nextRun: (host) =>
      reads(() => {
        const numbers = runsOf(host).map((run) => Number(run.slice(host.length + 1)));
        return ok(`${host}-${Math.max(0, ...numbers) + 1}` as RunId);
      }),

    append: (run, event, lease) =>
      writes(() => {
        if (lease !== undefined && lease.host !== hostOf(run))
          throw new Error(`a lease on ${lease.host} does not admit to ${run}`);
        const fence = lease === undefined ? ok(undefined) : fenced(lease);
        if (!fence.ok) return fence;
        const head = entries.head(run);
        if (event.type === 'run.begun' && head !== undefined)
          return failed(fault('run.unfinished', `${run} has been begun already, by another controller`));
        const next = {seq: (head?.seq ?? 0) + 1, at: clock.now()};
        const text = textOf(event);
        const hash = linkHash(head?.hash ?? genesis, {...next, event: text});
        entries.add(run, {...next, event: text, hash});
        return ok({...next, event, hash});
      }),

    read: (run) =>
      reads(() => {
        const found = followed(run);
        if (!found.ok) return found;
        const {links, verdict} = found.value;
        if (verdict.holds) return parseAll(run, links);
        return failed(broken(run, verdict));
      }),

    after: (run, seq) => reads(() => parseAll(run, entries.linksAfter(run, seq))),

    carry: (run) =>
      reads(() => {
        const found = followed(run);
        if (!found.ok) return found;
        const {links, verdict} = found.value;
        if (!verdict.holds) return failed(broken(run, verdict));
        return ok({links, epoch: leases.find(hostOf(run))?.epoch ?? 0});
      }),

    receive: (run, {links, epoch}) =>
      writes(() => {
        const host = hostOf(run);
        const record = leases.find(host);
        const now = standing(record);
        if (now.is === 'held') return failed(leaseHeld(host, now.by, now.life));
        const whole = wholeRun(run, links);
        if (!whole.ok) return whole;
        const known = entries.links(run);
        const apart = known.find(({hash}, index) => hash !== links[index]?.hash);
        if (apart !== undefined)
          return failed(
            fault('handover.diverged', `${run} has an entry ${apart.seq} here that the other history does not have`),
          );
        for (const link of links.slice(known.length)) entries.add(run, link);
        const taken = clock.now();
        const holder = record?.holder ?? {who: '-', pid: 0, reason: 'import'};
        if (epoch > (record?.epoch ?? 0))
          leases.put(host, {epoch, holder, mark: undefined, taken, expires: taken, released: true});
        return ok({added: links.length - known.length});
      }),

    runs: (host) => reads(() => ok(runsOf(host))),

    unfinished: (host) => reads(() => ok(consistently(db, () => runsOf(host).find((run) => !ended(run))))),

    verify: (run) =>
      reads(() => {
        const found = followed(run);
        return found.ok ? ok(found.value.verdict) : found;
      }),

    audit: (run) =>
      reads(() => {
        const [rows, heads] = consistently(db, () => [entries.all(), entries.heads()] as const);
        const found = audit(run, rows, heads);
        return found ? ok(found) : failed(fault('run.missing', `there is no run ${run} in ${file}`));
      }),

    take: (host, holder, ttlMs) =>
      writes(() => {
        const record = leases.find(host);
        const now = standing(record);
        if (now.is === 'held') return failed(leaseHeld(host, now.by, now.life));
        const taken = clock.now();
        const epoch = (record?.epoch ?? 0) + 1;
        const mark = markProcess(holder.pid);
        leases.put(host, {epoch, holder, mark, taken, expires: later(taken, ttlMs), released: false});
        return ok({host, epoch, holder, ...(now.is === 'lapsed' && {takenFrom: takenFrom(now)})});
      }),

    renew: (lease, ttlMs) =>
      writes(() => {
        const fence = fenced(lease);
        if (!fence.ok) return fence;
        leases.put(lease.host, {...fence.value, expires: later(clock.now(), ttlMs)});
        return ok(lease);
      }),

    holds: (lease) =>
      reads(() => {
        const fence = fenced(lease);
        return fence.ok ? ok(undefined) : fence;
      }),

    release: (lease) =>
      writes(() => {
        const fence = fenced(lease);
        // Not ours any more: what release is for has been reached, and the new holder keeps what is theirs.
        if (fence.ok) leases.put(lease.host, {...fence.value, released: true});
        return ok(undefined);
      }),

    holder: (host) =>
      reads(() => {
        const now = standing(leases.find(host));
        return ok(now.is === 'held' ? {...now.by.holder, expires: now.by.expires} : undefined);
      }),

    close: () => {
      if (db.isOpen) db.close();
    },
  };
}

const hostOf = (run: RunId): HostName => run.slice(0, run.lastIndexOf('-')) as HostName;

/** The event's canonical text. What could not be read again is never written: it would be a bug of ours. */
function textOf(event: Event): string {
  // By way of JSON first: a member that is present and undefined is left out.
  const text = canonical(JSON.parse(JSON.stringify(event)) as Json);
  if (parseEvent(text) === undefined) throw new Error(`not an event that could be read again: ${event.type}`);
  return text;
}

const takenFrom = ({from, because}: Extract<Standing, {is: 'lapsed'}>): TakenFrom => ({
  ...from.holder,
  since: from.taken,
  because,
});

/** Entries that came from elsewhere: a chain from the run's first to its last, all of which this version knows. */
function wholeRun(run: RunId, links: readonly Link[]): Result<void> {
  const unreadable = (says: string) => failed(fault('handover.unreadable', `${run}: ${says}`));
  const last = links.at(-1);
  if (last === undefined) return unreadable('it has no entries');
  const verdict = follow(links, last);
  if (!verdict.holds) return unreadable(verdict.says);
  const parsed = parseAll(run, links);
  if (!parsed.ok) return parsed;
  const begun = parsed.value[0]?.event;
  return begun?.type === 'run.begun' && begun.run === run && begun.host === hostOf(run)
    ? ok(undefined)
    : unreadable('its first entry does not begin it');
}

/** The chain held: a text that is not understood is intact, and so it was written by a version that knows more. */
function parseAll(run: RunId, links: readonly Link[]): Result<readonly Stored[]> {
  const stored: Stored[] = [];
  for (const {seq, at, event: text, hash} of links) {
    const event = parseEvent(text);
    if (event === undefined) {
      const says = `${run}: entry ${seq} is intact, but this version does not know it`;
      return failed(fault('journal.too-new', says, {detail: {run, seq}}));
    }
    stored.push({seq, at: at as Stored['at'], event, hash: hash as Stored['hash']});
  }
  return ok(stored);
}
