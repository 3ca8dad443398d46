import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {Client} from './client.ts';
import type {Resource} from './members.ts';

/** Deletes a resource and looks whether it is gone: by itself in the meantime is as good. */
export async function deleted(client: Client, {path}: Resource, signal: AbortSignal): Promise<Result<void>> {
  const done = await client.write({method: 'DELETE', reference: path}, signal);
  if (!done.ok && done.fault.code !== 'bmc.unreachable') return done;
  const after = await client.find(path, signal);
  if (!after.ok) return after;
  if (after.value === undefined) return ok(undefined);
  if (!done.ok) return done;
  if (!done.value.accepted) return done.value.refusal();
  return failed(fault('bmc.refused', `the BMC accepted that ${path} is deleted and still has it`));
}
