import {createHash} from 'node:crypto';
import type {Instant, Sha256} from '../brand.ts';
import {canonical, type JsonObject} from '../json.ts';
import type {Range} from './frame.ts';
import type {Lack} from './outcome.ts';

/** Who secured it, by name and by the key that seals it. */
export interface Operator {
  /** Who was at the controller: `lena@jump1`. */
  readonly person: string;
  readonly key: string;
  /** Who began the run, by its journal: a run may be taken up by somebody else. */
  readonly runBegunBy?: string;
  /** With which key they signed that, and whose it is by the list of allowed signers; a run without a gate has neither. */
  readonly signed?: {readonly principal: string; readonly key: string};
}

export interface Tool {
  readonly name: string;
  readonly version: string;
  /** Null where nothing of it could be hashed. */
  readonly sha256: Sha256 | null;
}

export interface Access {
  readonly at: Instant;
  readonly who: string;
  readonly why: string;
  readonly from: string;
  readonly to: string;
}

/**
 * The chain-of-custody record of one item (ISO/IEC 27037; NIST IR 8387, 3.2). Everything in it is ours or a number, but for
 * the last words of a command that failed, printable ASCII in `reason`, and the path of a BMC's action, letters, digits and
 * `._-/` in `method`. What else host and BMC said lies in the item's file.
 */
export interface Custody {
  /** `003-processes`; unique within the bundle. */
  readonly id: string;
  readonly case: string;
  readonly host: string;
  /** The machine's serial number; a disk's own stands in `source`. */
  readonly asset: string;
  readonly what: string;
  readonly source: string;
  readonly method: {readonly over: string; readonly argv: readonly string[]};
  readonly tool: Tool;
  readonly operator: Operator;
  readonly began: Instant;
  readonly ended: Instant;
  /** The host's clock less ours, in seconds; null where it is not known. */
  readonly clockOffset: number | null;
  /** The file's name in the bundle; absent where nothing came. */
  readonly file?: string;
  readonly bytes: number;
  readonly sha256?: Sha256;
  /** Where the digest is kept beside this record. */
  readonly hashAlso: readonly string[];
  readonly complete: boolean;
  /** What keeps it from being complete. */
  readonly lack?: Lack;
  /** Why it is not complete, or was left out; of what is complete, what an examiner should know. */
  readonly reason?: string;
  /** Ranges of a disk, or of physical memory, that could not be read: the first of them, where there are many. */
  readonly unread?: readonly Range[];
  /** Up to the seal. That a run was handed over after it is in its journal; the bundle itself is never sent. */
  readonly access: readonly Access[];
}

/** The line that follows `before` (the digest of the line above, 64 zeros for the first) in `custody.jsonl`. */
export function custodyLine(record: Custody, before: string): {readonly line: string; readonly digest: Sha256} {
  const line = canonical({before, ...(record as unknown as JsonObject)});
  return {line, digest: createHash('sha256').update(line).digest('hex') as Sha256};
}

export const firstBefore = '0'.repeat(64);

/** The records of a `custody.jsonl`, or where its chain breaks (the line's number, from 1). */
export function readCustody(text: string): readonly Custody[] | {readonly brokenAt: number} {
  const records: Custody[] = [];
  let before = firstBefore;
  for (const [index, line] of text.split('\n').slice(0, -1).entries()) {
    try {
      const {before: claimed, ...record} = JSON.parse(line) as Custody & {readonly before: string};
      if (claimed !== before || typeof record.id !== 'string') return {brokenAt: index + 1};
      records.push(record);
    } catch {
      return {brokenAt: index + 1};
    }
    before = createHash('sha256').update(line).digest('hex');
  }
  return text === '' || text.endsWith('\n') ? records : {brokenAt: records.length + 1};
}
