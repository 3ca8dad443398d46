import {describe, expect, test} from 'vitest';
import type {HostName, RunId} from '../../src/brand.ts';
import type {Carried, Journal, Link} from '../../src/journal/journal.ts';
import {linkHash, genesis} from '../../src/journal/chain.ts';
import {begun, faultOf, freshFile, host, me, must, opened, run, saved} from './sample.ts';

const minute = 60_000;

async function written(...more: number[]): Promise<{journal: Journal; carried: Carried}> {
  const journal = opened(freshFile());
  const lease = must(await journal.take(host, me, minute));
  must(await journal.append(run, begun, lease));
  for (const n of more) must(await journal.append(run, saved(n), lease));
  must(await journal.release(lease));
  return {journal, carried: must(await journal.carry(run))};
}

test('a run goes to another journal whole: the same entries, the same chain', async () => {
  const {journal, carried} = await written(1, 2);
  const other = opened(freshFile());
  expect(must(await other.receive(run, carried))).toEqual({added: 3});
  expect(must(await other.read(run))).toEqual(must(await journal.read(run)));
  expect(must(await other.verify(run))).toEqual({holds: true, entries: 3});
  expect(must(await other.unfinished(host))).toBe(run);
  expect(must(await other.carry(run)).links).toEqual(carried.links);
});

test('epochs go on growing: what is given out there is above everything given out here', async () => {
  const {carried} = await written();
  const other = opened(freshFile());
  must(await other.receive(run, {...carried, epoch: 41}));
  expect(must(await other.take(host, me, minute)).epoch).toBe(42);
});

test('an epoch that is higher there already stays', async () => {
  const {carried} = await written();
  const other = opened(freshFile());
  for (let i = 0; i < 7; i++) must(await other.release(must(await other.take(host, me, minute))));
  must(await other.receive(run, carried));
  expect(must(await other.take(host, me, minute)).epoch).toBe(8);
});

test('it comes back longer than it went, and only what is new is added', async () => {
  const {journal, carried} = await written(1);
  const other = opened(freshFile());
  must(await other.receive(run, carried));
  must(await other.append(run, saved(2)));
  expect(must(await journal.receive(run, must(await other.carry(run))))).toEqual({added: 1});
  expect(must(await journal.receive(run, must(await other.carry(run))))).toEqual({added: 0});
  expect(must(await journal.verify(run))).toEqual({holds: true, entries: 3});
});

test('a run that went on in two places is not joined', async () => {
  const {journal, carried} = await written(1);
  const other = opened(freshFile());
  must(await other.receive(run, carried));
  must(await journal.append(run, saved(2)));
  must(await other.append(run, saved(3)));
  expect(faultOf(await journal.receive(run, must(await other.carry(run))))).toBe('handover.diverged');
  expect(must(await journal.read(run)).at(-1)?.event).toEqual(saved(2));
  expect(faultOf(await journal.receive(run, carried))).toBe('handover.diverged');
});

test('whoever works on the host is not disturbed', async () => {
  const {journal, carried} = await written(1);
  const other = opened(freshFile());
  must(await other.take(host, me, minute));
  expect(faultOf(await other.receive(run, carried))).toBe('lease.held');
  expect(must(await other.runs())).toEqual([]);
  expect(must(await journal.after(run, 1)).map(({seq, event}) => [seq, event])).toEqual([[2, saved(1)]]);
});

const forged = (event: string, before: readonly Link[]): Link => {
  const at = '2026-11-21T09:00:00.000Z';
  const seq = before.length + 1;
  return {seq, at, event, hash: linkHash(before.at(-1)?.hash ?? genesis, {seq, at, event})};
};

describe('entries that are not a whole run are not taken', () => {
  test.each<[string, string, (links: readonly Link[]) => readonly Link[]]>([
    ['none', 'handover.unreadable', () => []],
    ['without the first', 'handover.unreadable', (links) => links.slice(1)],
    ['without one between', 'handover.unreadable', (links) => links.filter(({seq}) => seq !== 2)],
    ['in another order', 'handover.unreadable', (links) => links.toReversed()],
    [
      'with one changed',
      'handover.unreadable',
      (links) => links.with(1, {...links[1]!, event: JSON.stringify(saved(9))}),
    ],
    [
      'with a moment changed',
      'handover.unreadable',
      (links) => links.with(1, {...links[1]!, at: '2026-11-21T09:00:00.000Z'}),
    ],
    ['of a version to come', 'journal.too-new', (links) => [...links, forged('{"type":"run.blessed"}', links)]],
    ['of another run', 'handover.unreadable', () => [forged(JSON.stringify({...begun, run: 'marruuk-2'}), [])]],
    ['that begin nothing', 'handover.unreadable', () => [forged(JSON.stringify(saved(1)), [])]],
  ])('%s', async (_, code, mangle) => {
    const {carried} = await written(1, 2);
    const other = opened(freshFile());
    expect(faultOf(await other.receive(run, {...carried, links: mangle(carried.links)}))).toBe(code);
    expect(must(await other.runs())).toEqual([]);
    expect(must(await other.take('marruuk' as HostName, me, minute)).epoch).toBe(1);
    expect(must(await other.nextRun(host))).toBe('marruuk-1' as RunId);
  });
});
