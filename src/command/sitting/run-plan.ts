import {mkdir, open, rename} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import type {RunId} from '../../brand.ts';
import {fault} from '../../fault.ts';
import type {Home} from '../../home.ts';
import type {Plan} from '../../plan/plan.ts';
import {failed, ok, type Result} from '../../result.ts';
import {planJson} from '../../view/plan-json.ts';

/** The plan that a run carries out, as `rebuild plan -o` saves one: approvers elsewhere and other machines need it. */
export const planFileOf = ({state}: Home, run: RunId): string => join(state, 'runs', run, 'plan.json');

export const planFileText = (plan: Plan): string => planJson(plan);

/** Keeps the plan beside the run's keys, on the disk when this returns. Fault: `journal.unwritable`. */
export async function keepPlan(home: Home, run: RunId, text: string): Promise<Result<void>> {
  const file = planFileOf(home, run);
  try {
    await mkdir(dirname(file), {recursive: true, mode: 0o700});
    const draft = `${file}.new`;
    await using handle = await open(draft, 'w', 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await rename(draft, file);
    return ok(undefined);
  } catch (error) {
    return failed(
      fault('journal.unwritable', `${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`),
    );
  }
}
