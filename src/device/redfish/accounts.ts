import {fault} from '../../fault.ts';
import type {JsonObject} from '../../json.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {BmcAccount} from '../../step/bmc/state.ts';
import type {Profile} from '../profile/profile.ts';
import type {Client} from './client.ts';
import {idOf, membersOf, short, type Resource} from './members.ts';
import {flag, link, number, text} from './tree.ts';

// Slots are 10 to 16 on every BMC recorded; a directory's users are not listed.
const mostAccounts = 64;

/** What the account service says of passwords. */
export interface PasswordRules {
  readonly shortest: number;
  readonly longest: number;
  /** Failed logins that lock an account; 0 where none do. */
  readonly lockedAfter: number;
}

export interface Accounts {
  readonly rules: PasswordRules;
  readonly listed: readonly (BmcAccount & Resource)[];
}

/** Every account that has a name: a slot without one is free. */
export async function readAccounts(client: Client, root: unknown, user: string): Promise<Result<Accounts>> {
  const service = await client.get(link(root, 'AccountService') ?? '/redfish/v1/AccountService');
  if (!service.ok) return service;
  const about = service.value.body;
  const members = await membersOf(client, link(about, 'Accounts'), mostAccounts);
  if (!members.ok) return members;
  return ok({
    rules: {
      shortest: number(about, 'MinPasswordLength') ?? 0,
      longest: number(about, 'MaxPasswordLength') ?? Infinity,
      lockedAfter: number(about, 'AccountLockoutThreshold') ?? 0,
    },
    listed: members.value.flatMap((member) => account(member, user) ?? []),
  });
}

function account(member: Resource, user: string): (BmcAccount & Resource) | undefined {
  const {path, body} = member;
  const name = text(body, 'UserName') ?? '';
  if (name === '') return undefined;
  return {
    ...member,
    id: idOf(path),
    name: short(name),
    role: short(text(body, 'RoleId') ?? idOf(link(body, 'Links', 'Role') ?? '')),
    // HPE's accounts have no such property: they are enabled as long as they are there.
    enabled: flag(body, 'Enabled') ?? true,
    own: name === user,
  };
}

/**
 * Disables an account first, so that it is shut whatever comes after, then takes it away: DELETE where the BMC has it,
 * else the writes by which its vendor frees a slot. Read back: what counts is that the name is gone.
 */
export async function removeAccount(
  client: Client,
  {accounts}: Profile,
  found: BmcAccount & Resource,
  signal: AbortSignal,
): Promise<Result<'deleted' | 'emptied' | 'disabled'>> {
  const write = (body: JsonObject) => client.write({method: 'PATCH', reference: found.path, body}, signal);
  if (flag(found.body, 'Enabled') === true) {
    const disabled = await write({Enabled: false});
    if (!disabled.ok) return disabled;
  }
  const deleted = await client.write({method: 'DELETE', reference: found.path}, signal);
  if (!deleted.ok) return deleted;
  const left = await still(client, found.path, signal);
  if (!left.ok || left.value.name === undefined) return left.ok ? ok('deleted') : left;
  for (const body of accounts.free) {
    const done = await write(body);
    if (!done.ok) return done;
  }
  const after = await still(client, found.path, signal);
  if (!after.ok) return after;
  if (after.value.name === undefined) return ok('emptied');
  if (!after.value.enabled) return ok('disabled');
  if (!deleted.value.accepted) return deleted.value.refusal();
  return failed(fault('bmc.refused', `the BMC accepted that account ${found.id} is deleted and still lists it`));
}

async function still(
  client: Client,
  path: string,
  signal: AbortSignal,
): Promise<Result<{readonly name?: string; readonly enabled: boolean}>> {
  const reply = await client.find(path, signal);
  if (!reply.ok) return reply;
  const name = text(reply.value?.body, 'UserName') ?? '';
  return ok({...(name !== '' && {name}), enabled: flag(reply.value?.body, 'Enabled') ?? true});
}
