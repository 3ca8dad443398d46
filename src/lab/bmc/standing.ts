import {randomBytes} from 'node:crypto';
import type {Clock} from '../../clock.ts';
import type {Secret} from '../../secret.ts';
import {accounts, type Accounts} from './accounts.ts';
import {planted} from './planted.ts';
import type {Sessions} from './sessions.ts';

/** The network between host and BMC, and whether the host may make itself an account on it. */
export interface HostInterface {
  readonly enabled: boolean;
  readonly bootstrapping: boolean;
}

export interface Subscription {
  readonly id: string;
  readonly destination: string;
}

/** What outlives a session: who may come in, by which ways, and to whom the BMC reports. */
export interface Standing {
  readonly accounts: Accounts;
  hostInterface(): HostInterface;
  setHostInterface(change: Partial<HostInterface>): void;
  subscriptions(): readonly Subscription[];
  unsubscribe(id: string): boolean;
}

export interface StandingParts {
  readonly clock: Clock;
  readonly user: string;
  readonly password: Secret;
  /** Leaves behind in it what whoever owned the host has left; the session is in this pool. */
  readonly intruded?: Sessions;
}

/** As a server is delivered: its way from the host stands open (SYS-821GE as recorded). */
export function standing({clock, user, password, intruded}: StandingParts): Standing {
  const own = {name: user, password: password.reveal(), role: 'Administrator'} as const;
  // Nobody in the lab knows its password: what counts is that it is there.
  const foreign = {...planted.account, password: randomBytes(24).toString('base64url')};
  let way: HostInterface = {enabled: true, bootstrapping: true};
  let subscriptions: readonly Subscription[] = intruded ? [{id: '1', destination: planted.subscription}] : [];
  intruded?.intrude(planted.account.name, planted.from);
  return {
    accounts: accounts(clock, intruded ? [own, foreign] : [own]),
    hostInterface: () => way,
    setHostInterface: (change) => {
      way = {...way, ...change};
    },
    subscriptions: () => subscriptions,
    unsubscribe(id) {
      const before = subscriptions;
      subscriptions = before.filter((each) => each.id !== id);
      return subscriptions.length < before.length;
    },
  };
}
