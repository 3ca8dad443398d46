import {z} from 'zod';
import {passwordLength, roles, type Account, type NewAccount} from './accounts.ts';
import {read} from './body.ts';
import {refuse, type Reply, type Request} from './exchange.ts';
import {refusals} from './message.ts';
import {at} from './paths.ts';
import {show} from './show.ts';
import type {Parts} from './tree.ts';

const name = z.string().regex(/^[!-~]{1,32}$/);
const password = z.string().min(passwordLength.shortest).max(passwordLength.longest);
const role = z.enum(roles);
const creation = z.strictObject({
  UserName: name,
  Password: password,
  RoleId: role,
  Enabled: z.boolean().optional(),
});
const patch = z.strictObject({
  UserName: name.optional(),
  Password: password.optional(),
  RoleId: role.optional(),
  Enabled: z.boolean().optional(),
});

export function createAccount(request: Request, parts: Parts): Reply {
  const body = read(creation, request.body, 'ManagerAccountCollection.Post');
  if ('refused' in body) return body.refused;
  const {UserName, Password, RoleId, Enabled = true} = body.value;
  const made = parts.standing.accounts.add({name: UserName, password: Password, role: RoleId, enabled: Enabled});
  if (made === undefined) return refuse(refusals.exists('ManagerAccount', 'UserName', UserName));
  const location = at.account(made.id);
  return {...show(location, parts), status: 201, headers: {Location: location}};
}

/** Whoever may not configure users may still change their own password (ConfigureSelf). */
export function changeAccount(request: Request, id: string, by: Account, parts: Parts): Reply {
  const {accounts} = parts.standing;
  const body = read(patch, request.body, 'ManagerAccount.Patch');
  if ('refused' in body) return body.refused;
  const {UserName, Password, RoleId, Enabled} = body.value;
  const onlyOwn = by.id === id && Object.keys(body.value).every((key) => key === 'Password');
  if (by.role !== 'Administrator' && !onlyOwn) return refuse(refusals.notPrivileged());
  const change: Partial<NewAccount> = {
    ...(UserName !== undefined && {name: UserName}),
    ...(Password !== undefined && {password: Password}),
    ...(RoleId !== undefined && {role: RoleId}),
    ...(Enabled !== undefined && {enabled: Enabled}),
  };
  const before = accounts.all().find((account) => account.id === id);
  accounts.change(id, change);
  // As bmcweb does: whoever else was in with the old password is out.
  if (before && (Password !== undefined || Enabled === false)) parts.sessions.closeOf(before.name, request.token);
  return show(at.account(id), parts);
}

export function deleteAccount(id: string, by: Account, {standing: {accounts}, sessions}: Parts): Reply {
  if (by.id === id) return refuse(refusals.notDeletable());
  const found = accounts.all().find((account) => account.id === id);
  if (found) sessions.closeOf(found.name, undefined);
  accounts.remove(id);
  return {status: 204};
}
