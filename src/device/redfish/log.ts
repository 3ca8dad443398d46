import {ok, type Result} from '../../result.ts';
import type {BmcEvents} from '../../step/world/bmc.ts';
import type {Client} from './client.ts';
import {logEntry, mediaEvent, orderOfMember, type LogEntry} from './log-entry.ts';
import {logPlaces} from './log-places.ts';
import type {Machine} from './machine.ts';
import {link, list, text} from './tree.ts';

// A BMC has one log of its own, and the system's beside it.
const mostLogs = 2;
// Logs hold up to some thousands; what is older than this page is not news.
const mostPages = 4;
// Where a collection only links to its entries (iLO), each is a request of its own.
const mostLinked = 16;

export interface BmcLog {
  read(mark?: string): Promise<Result<BmcEvents | undefined>>;
}

interface Page {
  readonly entries: readonly LogEntry[];
  /** The highest order seen, whether its entry was read or not. */
  readonly newest: number;
}

/** The logs of a BMC and of its system, as far as they speak of virtual media. Read only. */
export function bmcLog(client: Client, machine: Machine): BmcLog {
  let found: readonly string[] | undefined;
  return {
    async read(mark) {
      const logs = found === undefined ? await findLogs(client, machine) : ok(found);
      if (!logs.ok) return logs;
      found = logs.value;
      if (logs.value.length === 0) return ok(undefined);
      const before = marks(mark);
      const now: Record<string, number> = {};
      const entries: LogEntry[] = [];
      for (const path of logs.value) {
        const after = before?.[path];
        const page = await readEntries(client, path, after);
        if (!page.ok) return page;
        now[path] = page.value.newest;
        if (after !== undefined) entries.push(...page.value.entries);
      }
      const events = entries.flatMap((entry) => mediaEvent(machine.profile, entry) ?? []);
      return ok({events, mark: JSON.stringify(now)});
    },
  };
}

/** Paths of the entries of each log that is worth reading, the vendor's own first. */
async function findLogs(client: Client, {manager, system, profile}: Machine): Promise<Result<readonly string[]>> {
  const places = await logPlaces(client, [manager, system]);
  if (!places.ok) return places;
  const rank = (id: string): number => {
    const found = profile.log.prefer.findIndex((shape) => shape.test(id));
    return found === -1 ? profile.log.prefer.length : found;
  };
  return ok(
    places.value
      .toSorted((a, b) => rank(a.id) - rank(b.id))
      .slice(0, mostLogs)
      .map(({entries}) => entries),
  );
}

/** Entries above `after`, oldest first. Without it only where the log ends. */
async function readEntries(client: Client, path: string, after: number | undefined): Promise<Result<Page>> {
  const members: unknown[] = [];
  let next: string | undefined = path;
  for (let page = 0; next !== undefined && page < mostPages; page++) {
    const reply = await client.find(next);
    if (!reply.ok) return reply;
    const body: unknown = reply.value?.body;
    const here = list(body, 'Members');
    members.push(...here);
    // Most send the newest first, and then the first page has all the news.
    const [first, last] = [orderOfMember(here[0]), orderOfMember(here.at(-1))];
    next = first > last ? undefined : text(body, 'Members@odata.nextLink');
  }
  const newest = members.reduce<number>((most, member) => Math.max(most, orderOfMember(member)), 0);
  if (after === undefined) return ok({entries: [], newest});
  // A log that was cleared counts from the beginning again: everything in it is new.
  const from = newest < after ? -1 : after;
  const news = members
    .filter((member) => orderOfMember(member) > from)
    .toSorted((a, b) => orderOfMember(a) - orderOfMember(b));
  const entries: LogEntry[] = [];
  for (const member of news.slice(-mostLinked)) {
    const whole = await entryOf(client, member);
    if (!whole.ok) return whole;
    if (whole.value !== undefined) entries.push(whole.value);
  }
  return ok({entries, newest});
}

async function entryOf(client: Client, member: unknown): Promise<Result<LogEntry | undefined>> {
  const here = logEntry(member);
  const path = link(member);
  if (here !== undefined || path === undefined) return ok(here);
  const reply = await client.find(path);
  return reply.ok ? ok(logEntry(reply.value?.body)) : reply;
}

function marks(mark: string | undefined): Readonly<Record<string, number>> | undefined {
  if (mark === undefined) return undefined;
  const read: unknown = JSON.parse(mark);
  return read as Readonly<Record<string, number>>;
}
