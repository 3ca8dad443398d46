import {createInterface} from 'node:readline/promises';
import type {StepId} from '../brand.ts';
import {fault} from '../fault.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Screen} from './screen.ts';

/**
 * A person types the host's name; without a terminal `--confirm` gives it. There is no `--yes`. `again` is the command
 * without its confirmation, to be typed once more.
 */
export const confirm = (
  plan: Plan,
  given: string | undefined,
  again: string,
  screen: Screen,
  until?: StepId,
): Promise<Result<void>> => confirmHost(plan, given, again, screen, () => screen.beforeConfirm(plan, until));

/** The same for what is no plan; `before` writes what stands above the prompt. */
export async function confirmHost(
  {host}: Pick<Plan, 'host'>,
  given: string | undefined,
  again: string,
  screen: Screen,
  before: () => void,
): Promise<Result<void>> {
  const compare = (typed: string): Result<void> =>
    typed.trim() === host
      ? ok(undefined)
      : failed(fault('confirm.differs', `the name given is not ${host}`, {next: again}));
  if (given !== undefined) return compare(given);
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    return failed(
      fault('confirm.missing', 'there is no terminal to type the host name at', {next: `${again} --confirm HOST`}),
    );
  before();
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    return compare(await lines.question(screen.prompt));
  } finally {
    lines.close();
  }
}
