import {alsoOpens} from '../../device/ssh/shared-key.ts';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Runbook, SecretReference, SshSpec} from '../../runbook/runbook.ts';
import type {Secret} from '../../secret.ts';
import {fetchSecret} from './source.ts';

/** Every secret that a runbook names. */
export interface Secrets {
  readonly user: Secret;
  readonly password: Secret;
  /** Absent where the runbook changes no password. */
  readonly newpassword?: Secret;
  /** Absent where the edge is no machine to log in to. */
  readonly edge?: Secret;
  /** Absent where nothing is asked of the old system. */
  readonly suspect?: Secret;
  readonly vantages: Readonly<Record<string, Secret>>;
}

/** Fetches them all. Faults: those of `fetchSecret`, and `secret.shared`. */
export async function fetchSecrets({bmc, edge, suspect, vantages, access}: Runbook): Promise<Result<Secrets>> {
  const user = await fetchSecret(bmc.user);
  if (!user.ok) return user;
  const password = await fetchSecret(bmc.password);
  if (!password.ok) return password;
  const newpassword = bmc.newpassword === undefined ? undefined : await fetchSecret(bmc.newpassword);
  if (newpassword && !newpassword.ok) return newpassword;
  const edgeKey = edge.driver === 'nftables' ? await fetchSecret(edge.key) : undefined;
  if (edgeKey && !edgeKey.ok) return edgeKey;
  const suspectKey = suspect && (await fetchSecret(suspect.key));
  if (suspectKey && !suspectKey.ok) return suspectKey;
  const keys: Record<string, Secret> = {};
  for (const [name, {key}] of Object.entries<SshSpec & {key: SecretReference}>(vantages)) {
    const found = await fetchSecret(key);
    if (!found.ok) return found;
    keys[name] = found.value;
  }
  if (suspectKey) {
    const [shared] = alsoOpens(suspectKey.value, [
      ...(edgeKey ? [{what: 'edge.key', key: edgeKey.value}] : []),
      ...Object.entries(keys).map(([name, key]) => ({what: `vantages.${name}.key`, key})),
      ...access.authorizedKeys.map((key) => ({what: 'a key of access.keys', key})),
    ]);
    if (shared !== undefined) return failed(fault('secret.shared', `suspect.key is the same key as ${shared}`));
  }
  return ok({
    user: user.value,
    password: password.value,
    ...(newpassword && {newpassword: newpassword.value}),
    ...(edgeKey && {edge: edgeKey.value}),
    ...(suspectKey && {suspect: suspectKey.value}),
    vantages: keys,
  });
}
