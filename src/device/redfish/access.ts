import type {Clock} from '../../clock.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BmcState} from '../../step/bmc/state.ts';
import type {Bmc} from '../../step/world/bmc.ts';
import {readAccounts, removeAccount} from './accounts.ts';
import {changePassword} from './change-password.ts';
import type {Client} from './client.ts';
import {readDirectories} from './directories.ts';
import {readFirmware} from './firmware.ts';
import {deleted} from './gone.ts';
import {closeWay, readWays} from './host-ways.ts';
import type {Keyring} from './keyring.ts';
import type {Logins} from './logins.ts';
import type {Machine} from './machine.ts';
import {short, type Resource} from './members.ts';
import {readSessions} from './open-sessions.ts';
import {mediaState} from './slot.ts';
import {readSlots} from './slots.ts';
import {readSubscriptions} from './subscriptions.ts';
import {readCertificates} from './web-certificates.ts';

export type Access = Pick<
  Bmc,
  'state' | 'takes' | 'removeAccount' | 'endSession' | 'removeSubscription' | 'closeWay' | 'changePassword'
>;

export interface AccessParts {
  readonly client: Client;
  readonly root: unknown;
  readonly machine: Machine;
  /** Where sessions are listed. */
  readonly sessions: string | undefined;
  readonly logins: Logins;
  readonly keys: Keyring;
  readonly clock: Clock;
  /** Ends every request of the connection. */
  readonly life: AbortSignal;
}

/** Who may use the BMC, and over which ways: read, and taken away. */
export function access(parts: AccessParts): Access {
  const {client, root, machine, logins, keys, clock, life} = parts;
  const accounts = async () => {
    const read = await readAccounts(client, root, keys.credentials()?.user.reveal() ?? '');
    return read.ok ? ok(read.value.listed) : read;
  };
  const sessions = async () => readSessions(client, parts.sessions, await logins.session());

  return {
    state: (depth) => readState(parts, depth, {accounts, sessions}),
    async takes(password) {
      const login = await logins.attempt(password, life);
      if (!login.ok) return login;
      if (login.value !== undefined) await logins.end(login.value, life);
      return ok(login.value !== undefined);
    },
    async removeAccount(id, signal) {
      const found = await named(accounts(), id);
      if (!found.ok || found.value === undefined) return found.ok ? ok('deleted') : found;
      return found.value.own ? ours('account') : removeAccount(client, machine.profile, found.value, signal);
    },
    async endSession(id, signal) {
      const found = await named(sessions(), id);
      if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
      return found.value.own ? ours('session') : deleted(client, found.value, signal);
    },
    async removeSubscription(id, signal) {
      const found = await named(readSubscriptions(client, root), id);
      if (!found.ok || found.value === undefined) return found.ok ? ok(undefined) : found;
      return deleted(client, found.value, signal);
    },
    async closeWay(name, signal) {
      const ways = await readWays(client, machine);
      if (!ways.ok) return ways;
      const way = ways.value.find((each) => each.name === name);
      if (way === undefined || !('spec' in way))
        return failed(fault('bmc.feature-missing', `${name} cannot be closed: ${way?.stays ?? 'the BMC has none'}`));
      return way.state === 'closed' ? ok(undefined) : closeWay(client, way, clock, signal);
    },
    changePassword: (signal) => changePassword({client, root, logins, keys, clock}, signal),
  };
}

async function readState(
  {client, root, machine}: AccessParts,
  depth: 'access' | 'all',
  read: {readonly accounts: () => Promise<Result<readonly (BmcState['accounts'][number] & Resource)[]>>} & {
    readonly sessions: () => Promise<Result<readonly (BmcState['sessions'][number] & Resource)[]>>;
  },
): Promise<Result<BmcState>> {
  // The first request logs in, and shows which session is ours.
  const accounts = await read.accounts();
  if (!accounts.ok) return accounts;
  const [sessions, subscriptions, directories, ways, slots, certificates, firmware] = await Promise.all([
    read.sessions(),
    readSubscriptions(client, root),
    readDirectories(client, root),
    readWays(client, machine),
    readSlots(client, machine),
    readCertificates(client, machine.manager),
    depth === 'all' ? readFirmware(client, root) : ok([]),
  ]);
  if (!sessions.ok) return sessions;
  if (!subscriptions.ok) return subscriptions;
  if (!directories.ok) return directories;
  if (!ways.ok) return ways;
  if (!slots.ok) return slots;
  if (!certificates.ok) return certificates;
  if (!firmware.ok) return firmware;
  return ok({
    accounts: accounts.value.map(({id, name, role, enabled, own}) => ({id, name, role, enabled, own})),
    sessions: sessions.value.map(({id, user, from, own}) => ({id, user, from, own})),
    subscriptions: subscriptions.value.map(({id, destination}) => ({id, destination})),
    directories: directories.value,
    ways: ways.value.map(({kind, name, state, stays}) => ({kind, name, state, ...(stays !== undefined && {stays})})),
    media: slots.value.flatMap((each) => {
      const now = mediaState(machine.profile, each);
      return now.state === 'detached' ? [] : [{slot: short(each.id), image: short(now.image)}];
    }),
    certificates: certificates.value,
    firmware: firmware.value,
  });
}

async function named<T extends {readonly id: string}>(
  listed: Promise<Result<readonly T[]>>,
  id: string,
): Promise<Result<T | undefined>> {
  const all = await listed;
  return all.ok ? ok(all.value.find((each) => each.id === id)) : all;
}

const ours = (what: string): Result<never> =>
  failed(fault('bmc.refused', `the ${what} that this run works with is not taken away`));
