import {canonical} from '../json.ts';
import {ok, type Result} from '../result.ts';
import type {EdgePolicy, Look} from './world.ts';

/** Whether two policies admit, open, let out and block the same, whatever the order they are written in. */
export const samePolicy = (a: EdgePolicy | undefined, b: EdgePolicy | undefined): boolean =>
  a !== undefined && b !== undefined && text(a) === text(b);

/** Rules that somebody changed are no policy: they are replaced, and must not keep a host from being isolated. */
export async function readPolicy(look: Look): Promise<Result<EdgePolicy | undefined>> {
  const policy = await look.edge.policy();
  return !policy.ok && policy.fault.code === 'edge.not-as-set' ? ok(undefined) : policy;
}

const text = (policy: EdgePolicy): string =>
  canonical(
    policy.mode === 'quarantine'
      ? {mode: policy.mode, admit: sorted(policy.admit), reach: sorted(policy.reach ?? [])}
      : {
          mode: policy.mode,
          admit: sorted(policy.admit),
          open: sorted(policy.open),
          out: sorted(policy.out),
          block: sorted(policy.block),
        },
  );

const sorted = (list: readonly string[]): readonly string[] => [...new Set(list)].toSorted();
