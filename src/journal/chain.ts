import {createHash} from 'node:crypto';
import type {Sha256} from '../brand.ts';
import type {ChainVerdict, Link} from './journal.ts';

export type {Link} from './journal.ts';

/** The run's newest entry, kept apart from the entries, so that a cut-off tail shows. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

export const genesis = '0'.repeat(64) as Sha256;

/**
 * SHA-256 over four lines: the hash before, seq, at, the event's canonical text. None of the four can hold a line feed
 * (canonical JSON escapes it), so no two entries share a text.
 */
export function linkHash(before: string, entry: Omit<Link, 'hash'>): Sha256 {
  return createHash('sha256').update(`${before}\n${entry.seq}\n${entry.at}\n${entry.event}`).digest('hex') as Sha256;
}

/** Follows a run's entries, in the order of `seq`, from the first to its head. The first place that does not fit is named. */
export function follow(links: Iterable<Link>, head: Head | undefined): ChainVerdict {
  let before: string = genesis;
  let entries = 0;
  for (const link of links) {
    entries += 1;
    if (link.seq !== entries) return broken(entries, `entry ${entries} is missing`);
    if (linkHash(before, link) !== link.hash) return broken(entries, `entry ${entries} was changed`);
    before = link.hash;
  }
  if (head === undefined) return entries === 0 ? {holds: true, entries} : broken(entries, 'the head is missing');
  if (head.seq > entries) return broken(entries + 1, `entry ${entries + 1} is missing: the head is entry ${head.seq}`);
  if (head.seq < entries) return broken(head.seq + 1, `entry ${head.seq + 1} is not known to the head`);
  if (head.hash !== before) return broken(entries, `the head does not name entry ${entries}`);
  return {holds: true, entries};
}

const broken = (seq: number, says: string): ChainVerdict => ({holds: false, seq, says});
