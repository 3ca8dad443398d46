import type {Profile} from '../step/evidence/verdict.ts';

export const MiB = 2 ** 20;

/**
 * One thing to secure, asked of the host by one of our own commands. Files in a bundle are called by `id` and a number,
 * never by anything that the host says.
 */
export interface Item {
  /** Lower case and hyphens. */
  readonly id: string;
  /** What it is, for a reader of the custody record. */
  readonly what: string;
  /** Where on the host it comes from. */
  readonly source: string;
  /** The verb of our collector and its arguments, all of them ours. */
  readonly verb: readonly string[];
  /** `tsv`: records, one a line, content in base64. */
  readonly form: 'txt' | 'tsv' | 'tar' | 'nul' | 'bin' | 'lime';
  /** The least profile that takes it. */
  readonly from: Profile;
  /** It ends after so long, with what there is by then. */
  readonly seconds: number;
  /** It ends after so many bytes. */
  readonly bytes: number;
}

const rank: Readonly<Record<Profile, number>> = {none: 0, flash: 1, triage: 2, memory: 3, image: 4};

/** What a profile takes of a list, in the list's order: most volatile first (RFC 3227, 2.1). */
export const itemsOf = (profile: Profile, all: readonly Item[]): readonly Item[] =>
  all.filter(({from}) => rank[from] <= rank[profile]);
