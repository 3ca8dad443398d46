import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {sha256, type RunId, type Sha256} from '../brand.ts';
import {files, placesOf, type Places} from '../device/vault/places.ts';
import type {Event} from '../engine/event.ts';
import {profiles, type Profile} from '../step/evidence/verdict.ts';

/** A bundle of evidence as a run's record names it. */
export interface SealedBundle extends Places {
  readonly bundle: Profile;
  /** Digest of its manifest. */
  readonly manifest: Sha256;
  /** Its data and that very manifest lie on this machine, in `data` and `seal`. */
  readonly here: boolean;
}

/** What the run has sealed. A record says where that was on the machine that did it; here it is looked for below `state`. */
export async function sealedBundles(
  events: readonly Event[],
  state: string,
  run: RunId,
): Promise<readonly SealedBundle[]> {
  const found = new Map<Profile, Sha256>();
  for (const event of events) {
    if (event.type !== 'step.done') continue;
    const {folder, manifest} = event.proof.data;
    if (typeof folder !== 'string' || typeof manifest !== 'string') continue;
    const bundle = profiles.find((profile) => profile === basename(folder));
    const digest = sha256(manifest);
    if (bundle && digest) found.set(bundle, digest);
  }
  return Promise.all(
    [...found].map(async ([bundle, manifest]) => {
      const places = placesOf(state, run, bundle);
      const text = await readFile(join(places.seal, files.manifest)).catch(() => undefined);
      const data = await stat(join(places.data, files.custody)).catch(() => undefined);
      const same = text !== undefined && createHash('sha256').update(text).digest('hex') === manifest;
      return {bundle, manifest, here: same && data !== undefined, ...places};
    }),
  );
}
