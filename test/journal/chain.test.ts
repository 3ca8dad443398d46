import * as fc from 'fast-check';
import {expect, test} from 'vitest';
import {follow, genesis, linkHash, type Link} from '../../src/journal/chain.ts';

function chainOf(texts: readonly string[]): Link[] {
  const links: Link[] = [];
  for (const [index, event] of texts.entries()) {
    const link = {seq: index + 1, at: `2026-11-21T09:00:00.${String(index).padStart(3, '0')}Z`, event};
    links.push({...link, hash: linkHash(links.at(-1)?.hash ?? genesis, link)});
  }
  return links;
}
const headOf = (links: readonly Link[]) => links.at(-1);
const texts = fc.array(fc.json(), {minLength: 1, maxLength: 8});

test('a chain that was built holds', () => {
  fc.assert(
    fc.property(texts, (events) => {
      const links = chainOf(events);
      expect(follow(links, headOf(links))).toEqual({holds: true, entries: links.length});
    }),
  );
});

test('an empty run has no head', () => {
  expect(follow([], undefined)).toEqual({holds: true, entries: 0});
  expect(follow([], {seq: 2, hash: genesis})).toMatchObject({holds: false, seq: 1});
});

const change = (text: string, at: number, by: number): string => {
  const bytes = Buffer.from(text);
  const index = at % bytes.length;
  bytes[index] = bytes[index]! ^ by;
  return bytes.toString('latin1');
};

test('a change of any one byte of an entry is found at that entry', () => {
  const field = fc.constantFrom('at' as const, 'event' as const, 'hash' as const);
  fc.assert(
    fc.property(texts, fc.nat(), field, fc.nat(), fc.integer({min: 1, max: 255}), (events, place, name, at, by) => {
      const links = chainOf(events.map((text) => Buffer.from(text).toString('latin1')));
      const head = headOf(links);
      const index = place % links.length;
      links[index] = {...links[index]!, [name]: change(links[index]![name], at, by)};
      expect(follow(links, head)).toEqual({holds: false, seq: index + 1, says: `entry ${index + 1} was changed`});
    }),
  );
});

test('an entry that is missing, moved or added is found at its place', () => {
  fc.assert(
    fc.property(fc.array(fc.json(), {minLength: 2, maxLength: 8}), fc.nat(), (events, place) => {
      const links = chainOf(events);
      const index = place % links.length;
      const without = links.filter((_, i) => i !== index);
      expect(follow(without, headOf(links))).toMatchObject({holds: false, seq: index + 1});
      const doubled = [...links.slice(0, index + 1), ...links.slice(index)];
      expect(follow(doubled, headOf(links))).toMatchObject({holds: false, seq: index + 2});
    }),
  );
});

test('a tail that was cut off is missed by the head', () => {
  const links = chainOf(['1', '2', '3']);
  expect(follow(links.slice(0, 2), headOf(links))).toEqual({
    holds: false,
    seq: 3,
    says: 'entry 3 is missing: the head is entry 3',
  });
  expect(follow(links, links[1])).toMatchObject({holds: false, seq: 3});
  expect(follow(links, {seq: 3, hash: genesis})).toMatchObject({holds: false, seq: 3});
});
