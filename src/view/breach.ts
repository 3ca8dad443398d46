import type {Breach, ChainVerdict} from '../journal/journal.ts';
import {escapeTo} from './escape.ts';

export type BrokenChain = Extract<ChainVerdict, {holds: false}>;

/** One sentence: which entry, and what is wrong with it. */
export const breakText = ({seq, says}: BrokenChain): string =>
  `The journal's record does not hold at entry ${seq}: ${escapeTo(400, says)}.`;

/** The place, what was expected there and what stands there, by name. Safe text. */
export const breachFacts = ({
  table,
  row,
  column,
  event,
  expected,
  found,
}: Breach): readonly (readonly [string, string])[] =>
  [
    ['table', table],
    ['row', row === null ? '-' : String(row)],
    ['column', column ?? '-'],
    ['event', event ?? 'none that can be read'],
    ['expected', escapeTo(200, expected)],
    ['found', escapeTo(200, found)],
  ] as const;

export const breachTable = (where: Breach): readonly string[] =>
  breachFacts(where).map(([name, value]) => `${name.padEnd(8)}  ${value}`);
