import type {Sha256} from '../../brand.ts';
import type {BmcBaseline} from '../../runbook/runbook.ts';
import type {BmcState} from './state.ts';

/** How a deviation can be mended over the BMC itself. */
export type Mend =
  | {readonly is: 'remove account'; readonly id: string}
  | {readonly is: 'end session'; readonly id: string}
  | {readonly is: 'remove subscription'; readonly id: string}
  | {readonly is: 'close way'; readonly name: string}
  | {readonly is: 'eject'};

/** One thing in which a BMC is not as its baseline says. */
export interface Deviation {
  readonly says: string;
  /** Absent where a person has to look. */
  readonly mend?: Mend;
}

export interface Expected {
  readonly baseline: BmcBaseline;
  /** The pinned certificate. */
  readonly certificate: Sha256;
  /** Whether a medium may be in a drive: one of ours may be. */
  readonly mediaMayBe: boolean;
  /** Names of the accounts that the run's first audit left; those beyond them came since. */
  readonly seen?: readonly string[];
}

/**
 * Everything in which the BMC differs from what is expected. Sessions of accounts in the baseline are its users at
 * work; our own account and our own session never deviate. Pure.
 */
export function deviations(state: BmcState, {baseline, certificate, mediaMayBe, seen}: Expected): readonly Deviation[] {
  const known = (name: string): boolean => Object.hasOwn(baseline.accounts, name);
  return [
    ...state.accounts
      .filter(({name, enabled, own}) => enabled && !own && !known(name))
      .map(({id, name, role}): Deviation => {
        const since = seen !== undefined && !seen.includes(name) ? ', new since the first audit of this run' : '';
        return {says: `account ${name} (${role || 'no role'}) is foreign${since}`, mend: {is: 'remove account', id}};
      }),
    ...state.accounts
      .filter(({name, role}) => known(name) && baseline.accounts[name] !== role)
      .map(({name, role}) => ({
        says: `account ${name} has the role ${role || 'none'}, not ${baseline.accounts[name]}`,
      })),
    ...Object.keys(baseline.accounts)
      .filter((name) => !state.accounts.some((account) => account.name === name))
      .map((name) => ({says: `account ${name} is missing`})),
    ...state.sessions
      .filter(({user, own}) => !own && !known(user) && !state.accounts.some(({name, own}) => own && name === user))
      .map(({id, user, from}): Deviation => ({
        says: `${user || 'nobody that is named'} is logged in${from && ` from ${from}`}`,
        mend: {is: 'end session', id},
      })),
    ...state.subscriptions
      .filter(({destination}) => !baseline.subscriptions.includes(destination))
      .map(({id, destination}): Deviation => ({
        says: `events go to ${destination || 'a place it does not name'}`,
        mend: {is: 'remove subscription', id},
      })),
    ...state.directories
      .filter((name) => !baseline.directories.includes(name))
      .map((name) => ({says: `directory ${name} may vouch for users`})),
    ...state.ways
      .filter(({kind, state: now}) => now === 'open' && !baseline.open.includes(kind))
      .map(({name, stays}): Deviation => ({
        says: `${name} is open to the host`,
        ...(stays === undefined && {mend: {is: 'close way', name}}),
      })),
    ...(mediaMayBe ? [] : state.media).map(({slot, image}): Deviation => ({
      says: `virtual drive ${slot} holds ${image || 'a medium it does not name'}`,
      mend: {is: 'eject'},
    })),
    ...(state.certificates.length > 0 && !state.certificates.includes(certificate)
      ? [{says: `it lists another certificate than it shows: sha256:${state.certificates[0]}`}]
      : []),
  ];
}

/** Versions that are not the baseline's, and parts that it names and the BMC does not list. Pure. */
export function firmwareDeviations(
  {firmware}: Pick<BmcState, 'firmware'>,
  baseline: BmcBaseline,
): readonly Deviation[] {
  return Object.entries(baseline.firmware).flatMap(([part, version]): Deviation[] => {
    const found = firmware.filter(({id, name}) => id === part || name === part);
    if (found.length === 0) return [{says: `firmware ${part} is not listed`}];
    return found
      .filter((each) => each.version !== version)
      .map((each) => ({says: `firmware ${part} is ${each.version || 'of no version'}, not ${version}`}));
  });
}

/** Ways that the BMC cannot be told to close, as far as the baseline does not allow them: risks that stay. Pure. */
export const risks = ({ways}: Pick<BmcState, 'ways'>, {open}: Pick<BmcBaseline, 'open'>): readonly string[] =>
  ways
    .filter(({kind, state, stays}) => state !== 'closed' && stays !== undefined && !open.includes(kind))
    .map(({name, stays}) => `${name} cannot be closed: ${stays}`);
