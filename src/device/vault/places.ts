import {join} from 'node:path';
import type {RunId} from '../../brand.ts';

export interface Places {
  /** What was captured, and its custody record. */
  readonly data: string;
  /** Manifest, signature and the key that made it: a folder of its own, so that it can be kept elsewhere. */
  readonly seal: string;
}

/** Below `state`. `bundle` is one of ours. */
export const placesOf = (state: string, run: RunId, bundle: string): Places => ({
  data: join(state, 'evidence', run, bundle),
  seal: join(state, 'seals', run, bundle),
});

export const files = {
  custody: 'custody.jsonl',
  manifest: 'SHA256SUMS',
  signature: 'SHA256SUMS.sig',
  signers: 'allowed_signers',
  readme: 'README.txt',
} as const;
