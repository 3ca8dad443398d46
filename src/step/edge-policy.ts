import {canonical} from '../json.ts';
import type {EdgePolicy} from './world.ts';

/** Whether two policies admit, open, let out and block the same, whatever the order they are written in. */
export const samePolicy = (a: EdgePolicy | undefined, b: EdgePolicy | undefined): boolean =>
  a !== undefined && b !== undefined && text(a) === text(b);

const text = (policy: EdgePolicy): string =>
  canonical(
    policy.mode === 'quarantine'
      ? {mode: policy.mode, admit: sorted(policy.admit)}
      : {
          mode: policy.mode,
          admit: sorted(policy.admit),
          open: sorted(policy.open),
          out: sorted(policy.out),
          block: sorted(policy.block),
        },
  );

const sorted = (list: readonly string[]): readonly string[] => [...new Set(list)].toSorted();
