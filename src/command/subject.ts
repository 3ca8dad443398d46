import type {Sha256} from '../brand.ts';
import type {Runbook} from '../runbook/runbook.ts';

/** The runbook a command is about, with the lab's devices in place of its own under `--lab`. */
export interface Subject {
  readonly file: string;
  readonly runbook: Runbook;
  readonly digest: Sha256;
  readonly lab: boolean;
}
