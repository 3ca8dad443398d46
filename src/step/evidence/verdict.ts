import {serial as parseSerial, sha256, type Serial, type Sha256} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import {bounded, branded, either, list, object, oneOf, text, type Of} from '../../shape.ts';
import type {Proof} from '../step.ts';

/**
 * How much is kept of the old system before it is erased, each more than the one before it. `none`: nothing of the host itself, by a named waiver. `flash`:
 * the volatile state, minutes. `triage`: that, persistence, logs and the metadata of every file. `memory`: that and RAM.
 * `image`: whole disks, read by the light system.
 */
export const profiles = ['none', 'flash', 'triage', 'memory', 'image'] as const;
export type Profile = (typeof profiles)[number];

/** What became of the evidence of one thing: the host as it ran, or one disk's content. */
export type Standing =
  /** Captured, sealed, and read back as sealed. `manifest` is the digest of the sealed manifest that lists it. */
  | {readonly is: 'verified'; readonly manifest: Sha256}
  | {readonly is: 'failed'; readonly says: string}
  /** Captured in part, which `says`, and sealed; a person answers by name for going on with that. */
  | {
      readonly is: 'accepted';
      readonly manifest: Sha256;
      readonly says: string;
      readonly by: string;
      readonly reason: string;
    }
  /** A person answers by name for its absence. */
  | {readonly is: 'waived'; readonly by: string; readonly reason: string};

export interface Verdict {
  readonly profile: Profile;
  /** The serial number of the disk it is about; without one it is about the host, and so about each of its disks. */
  readonly disk?: Serial;
  readonly standing: Standing;
}

const name = bounded(1, 200);
const manifest = branded(sha256);
const standing = either(
  either(
    object({is: oneOf('verified'), manifest}),
    object({is: oneOf('accepted'), manifest, says: text, by: name, reason: name}),
  ),
  either(object({is: oneOf('failed'), says: text}), object({is: oneOf('waived'), by: name, reason: name})),
);
const verdicts = list(object({profile: oneOf(...profiles), standing}, {disk: branded(parseSerial)}), 0, 1024);

/** Under which name the proof of an `evidence.capture` carries the verdicts of the run up to then, oldest first. */
const key = 'verdicts';

export const verdictData = (all: readonly Verdict[]): JsonObject => ({[key]: all.map((one) => ({...one}))});

/** The verdicts in the proof of the last `evidence.capture` that is done; none where a proof holds none. */
export function verdictsIn(proof: Proof | undefined): readonly Verdict[] {
  const found = proof?.data[key];
  return verdicts(found) ? (found satisfies Of<typeof verdicts>) : [];
}

/** The newest word on each thing: a later verdict on the same disk, or on the host by the same profile, replaces an earlier one. */
export const superseded = (before: readonly Verdict[], now: readonly Verdict[]): readonly Verdict[] => [
  ...before.filter((old) => !now.some((next) => next.disk === old.disk && next.profile === old.profile)),
  ...now,
];

/**
 * Whether a disk may be erased, and on what ground: the newest verdict that is good. `all` is oldest first. What is known
 * of the disk itself outweighs what is known of the host: a disk whose own evidence failed is not erased because the
 * host's succeeded. A failure stands until it is made good by something newer: a capture of no lesser profile, or the
 * name of a person. Faults: `evidence.missing`, `evidence.failed`.
 */
export function mayErase(disk: Serial, all: readonly Verdict[]): Result<Verdict> {
  const own = all.filter((verdict) => verdict.disk === disk);
  const about = own.length > 0 ? own : all.filter((verdict) => verdict.disk === undefined);
  for (const [index, {profile, standing}] of about.entries())
    if (standing.is === 'failed' && !about.slice(index + 1).some((later) => makesGood(later, profile)))
      return failed(fault('evidence.failed', `the evidence of ${disk} could not be secured: ${standing.says}`));
  const ground = about.findLast(({standing: {is}}) => is !== 'failed');
  return ground
    ? ok(ground)
    : failed(fault('evidence.missing', `there is no evidence of ${disk}, and nobody has waived it`));
}

const makesGood = ({profile, standing: {is}}: Verdict, failed: Profile): boolean =>
  is === 'waived' || (is !== 'failed' && profiles.indexOf(profile) >= profiles.indexOf(failed));

/** `triage, manifest 1f3c...`, `waived by lena: no data of value`: a verdict in a few words. */
export function standingText({profile, standing}: Verdict): string {
  switch (standing.is) {
    case 'verified':
      return `${profile}, manifest ${standing.manifest.slice(0, 12)}`;
    case 'failed':
      return `${profile} failed: ${standing.says}`;
    case 'accepted':
      return `${profile}, manifest ${standing.manifest.slice(0, 12)}, ${standing.says}; accepted by ${standing.by}: ${standing.reason}`;
    case 'waived':
      return `waived by ${standing.by}: ${standing.reason}`;
    default:
      return standing satisfies never;
  }
}
