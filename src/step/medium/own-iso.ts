import {z} from 'zod';
import {sha256 as parseSha256, type Sha256} from '../../brand.ts';
import type {StepEntry} from '../../runbook/runbook.ts';
import type {Mistake} from '../step.ts';
import type {OwnIso} from '../world/image.ts';

const path = /\.iso$/i;

/** The digest of an operator's ISO, as its vendor publishes it and `sha256sum` prints it. */
export const isoDigest = z
  .string()
  .refine((text): text is Sha256 => parseSha256(text) !== undefined, 'a SHA-256 is 64 lower-case hex digits')
  .meta({pattern: '^[0-9a-f]{64}$'});

/** The path of an operator's ISO, from the runbook's folder. */
export const isoFile = z
  .string()
  .refine((text) => path.test(text), 'an ISO is a file whose name ends in .iso')
  .meta({pattern: '\\.[iI][sS][oO]$'});

export const light = 'light';

/** The light ISO or an operator's own. */
export const mediumName = z
  .string()
  .refine((text) => text === light || path.test(text), 'an image is "light", or an ISO file such as iso/vendor.iso')
  .meta({pattern: '^light$|\\.[iI][sS][oO]$'});

export interface MediumParams {
  readonly image: string;
  readonly sha256?: Sha256 | undefined;
}

/** The operator's own ISO that a step names; undefined where it means the light one. */
export const ownIso = ({image, sha256}: MediumParams): OwnIso | undefined =>
  image !== light && sha256 !== undefined ? {file: image, sha256} : undefined;

export function mistakesInMedium({image, sha256}: MediumParams): readonly Mistake[] {
  if (image !== light && sha256 === undefined)
    return [{path: ['image'], says: `${image} needs its digest: sha256, as its vendor publishes it`}];
  if (image === light && sha256 !== undefined)
    return [{path: ['sha256'], says: 'the light iso is made for each run, so its digest cannot be named beforehand'}];
  return [];
}

/** What a step's `image` and `sha256` name in a runbook that has been checked. */
export function ownIsoOf({params}: StepEntry): OwnIso | undefined {
  const {image, sha256} = params;
  const digest = typeof sha256 === 'string' ? parseSha256(sha256) : undefined;
  return typeof image === 'string' ? ownIso({image, sha256: digest}) : undefined;
}
