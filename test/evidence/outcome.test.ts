import * as fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {itemOf, lacks, mayComeYet, mostTries, outcomeOf, shortIn} from '../../src/evidence/outcome.ts';

const items = ['kernel', 'memory', 'names'] as const;
const entry = fc.oneof(
  fc.record({
    id: fc.constantFrom('001-kernel', 'skipped-kernel', 'memory-0a1b2c3d', 'skipped-memory', '012-names'),
    complete: fc.constant(true),
  }),
  fc.record({
    id: fc.constantFrom('001-kernel', 'skipped-kernel', 'memory-0a1b2c3d', 'skipped-memory', '012-names'),
    complete: fc.constant(false),
    lack: fc.constantFrom(...lacks),
    reason: fc.constantFrom('one', 'two'),
  }),
);
const history = fc.array(entry, {maxLength: 12});
const item = fc.constantFrom(...items);

describe('what became of an item', () => {
  it('is told from the records of all its attempts', () => {
    expect(['004-kernel', 'skipped-kernel', 'memory-0a1b2c3d', '002-memory-map', 'disk-S-1'].map(itemOf)).toEqual([
      'kernel',
      'kernel',
      'memory',
      'memory-map',
      'disk-S-1',
    ]);
  });

  it('is whole once it came whole, and as good as its best attempt', () => {
    fc.assert(
      fc.property(history, item, (records, name) => {
        const own = records.filter(({id}) => itemOf(id) === name);
        const outcome = outcomeOf(name, records);
        expect(outcome.is === 'whole').toBe(own.some(({complete}) => complete));
        if (outcome.is === 'whole') return;
        const kept = own.map((each) => ('lack' in each ? lacks.indexOf(each.lack) : 0));
        expect(lacks.indexOf(outcome.lack)).toBe(own.length > 0 ? Math.min(...kept) : lacks.indexOf('lost'));
        expect(shortIn(records).some(({id}) => itemOf(id) === name)).toBe(own.length > 0);
      }),
    );
  });

  it('is settled after so many attempts, and for good once it is whole, absent, or at a limit', () => {
    fc.assert(
      fc.property(history, entry, item, fc.boolean(), (records, next, name, accepted) => {
        const tries = records.filter(({id}) => itemOf(id) === name).length;
        if (tries >= mostTries) expect(mayComeYet(name, records, accepted)).toBe(false);
        if (tries > 0 && !mayComeYet(name, records, accepted))
          expect(mayComeYet(name, [...records, next], accepted)).toBe(false);
        if (accepted && mayComeYet(name, records, true)) expect(mayComeYet(name, records, false)).toBe(true);
      }),
    );
    expect(mayComeYet('kernel', [], false)).toBe(true);
  });

  it('of a record that does not tell is an error', () => {
    expect(outcomeOf('kernel', [{id: '001-kernel', complete: false}])).toMatchObject({lack: 'error'});
  });
});
