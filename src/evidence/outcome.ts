import type {Custody} from './custody.ts';

/**
 * What keeps an item from being whole, from the one that says most to the one that says least.
 * `absent`: not to be had there: the host's own kernel refuses it, or there is no such thing. `limit`: ended by the limit
 * of time or bytes that is its own, where it would end again. `unread`: it came to its end, with places in it that cannot
 * be read. `error`: the command for it failed. `time`: the time of the whole capture was over. `lost`: no answer came, or
 * it broke off.
 */
export const lacks = ['absent', 'limit', 'unread', 'error', 'time', 'lost'] as const;
export type Lack = (typeof lacks)[number];

export type Outcome = {readonly is: 'whole'} | {readonly is: 'short'; readonly lack: Lack; readonly reason: string};

type Entry = Pick<Custody, 'id' | 'complete' | 'lack' | 'reason'>;

/** The item that a record is of: `004-kernel` and `skipped-kernel` are of `kernel`, each dump of RAM is of `memory`. */
export const itemOf = (id: string): string =>
  /^memory-[0-9a-f]{8}$/.test(id) ? 'memory' : id.replace(/^(?:\d+|skipped)-/, '');

/** The best record of an item among those of all attempts, the last of equals; undefined where there is none. */
function best<E extends Entry>(item: string, records: readonly E[]): E | undefined {
  const own = records.filter(({id}) => itemOf(id) === item);
  return own.reduce<E | undefined>((kept, next) => (kept && rank(kept) < rank(next) ? kept : next), undefined);
}

const rank = (record: Entry): number => (record.complete ? -1 : lacks.indexOf(lackOf(record)));

/** Records of earlier versions do not tell. */
const lackOf = ({lack = 'error'}: Entry): Lack => lack;

/** What became of an item, over all attempts. */
export function outcomeOf(item: string, records: readonly Entry[]): Outcome {
  const record = best(item, records);
  if (!record) return {is: 'short', lack: 'lost', reason: 'never asked for'};
  return record.complete ? {is: 'whole'} : {is: 'short', lack: lackOf(record), reason: record.reason ?? 'no reason'};
}

/** Of each item that is not whole its best record. */
export const shortIn = <E extends Entry>(records: readonly E[]): readonly E[] =>
  [...new Set(records.map(({id}) => itemOf(id)))].flatMap((item) => {
    const record = best(item, records);
    return record && !record.complete ? [record] : [];
  });

/** Attempts at an item that came to nothing, after which it is left as it is: a host must not hold up its own end. */
export const mostTries = 3;

/**
 * Whether another attempt at an item may still get more of it. Where a person has answered for a capture that is not
 * whole, only a broken line is worth one.
 */
export function mayComeYet(item: string, records: readonly Entry[], accepted: boolean): boolean {
  const outcome = outcomeOf(item, records);
  if (outcome.is === 'whole') return false;
  const again: readonly Lack[] = accepted ? ['lost'] : ['error', 'time', 'lost'];
  return again.includes(outcome.lack) && triesAt(item, records) < mostTries;
}

export const triesAt = (item: string, records: readonly Entry[]): number =>
  records.filter(({id}) => itemOf(id) === item).length;
