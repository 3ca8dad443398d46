import {outcomeOf, type Lack} from '../../evidence/outcome.ts';
import type {Profile, Standing} from './verdict.ts';
import type {Answerable} from './waiver.ts';
import type {Sealed} from '../world/evidence.ts';

interface Short {
  readonly item: string;
  readonly lack: Lack;
  readonly reason: string;
}

/** The items that a profile promises and that are not whole. What is not to be had on the host is no promise broken. */
export const brokenIn = (promised: readonly string[], records: Sealed['records']): readonly Short[] =>
  promised.flatMap((item) => {
    const outcome = outcomeOf(item, records);
    return outcome.is === 'whole' || outcome.lack === 'absent' ? [] : [{item, ...outcome}];
  });

/**
 * What a sealed capture is worth: verified where everything promised was secured, or is on record as not to be had there.
 * Else it has failed, or is on the name of whoever answers for it.
 */
export function standingOf(
  promised: readonly string[],
  {manifest, records}: Pick<Sealed, 'manifest' | 'records'>,
  accept: Answerable | undefined,
): Standing {
  const broken = brokenIn(promised, records);
  if (broken.length === 0) return {is: 'verified', manifest};
  const says = brokenText(broken, promised.length);
  return accept ? {is: 'accepted', manifest, says, ...accept} : {is: 'failed', says};
}

const mostNamed = 3;

/** `2 of 22 items are not whole: temporary (cut off after 134217728 bytes), names (its time was over)`. */
export function brokenText(broken: readonly Short[], of: number): string {
  const named = broken.slice(0, mostNamed).map(({item, reason}) => `${item} (${reason})`);
  const more = broken.length - named.length;
  return `${broken.length} of ${of} not whole: ${named.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

/** Without its RAM, which its kernel does not give, a host's evidence is what is taken with less. */
export const reached = (profile: Profile, records: Sealed['records']): Profile => {
  const ram = outcomeOf('memory', records);
  return profile === 'memory' && ram.is === 'short' && ram.lack === 'absent' ? 'triage' : profile;
};
