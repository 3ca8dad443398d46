import {createInterface} from 'node:readline/promises';
import {fault} from '../fault.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Screen} from './screen.ts';

/** A person types the host's name; without a terminal `--confirm` gives it. There is no `--yes`. */
export const confirm = (plan: Plan, given: string | undefined, screen: Screen): Promise<Result<void>> =>
  confirmHost(plan, given, screen, () => screen.beforeConfirm(plan));

/** The same for what is no plan; `before` writes what stands above the prompt. */
export async function confirmHost(
  of: Pick<Plan, 'host'>,
  given: string | undefined,
  screen: Screen,
  before: () => void,
): Promise<Result<void>> {
  if (given !== undefined) return compare(of, given);
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    return failed(fault('confirm.missing', 'there is no terminal to type the host name at'));
  before();
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    return compare(of, await lines.question(screen.prompt));
  } finally {
    lines.close();
  }
}

const compare = ({host}: Pick<Plan, 'host'>, typed: string): Result<void> =>
  typed.trim() === host ? ok(undefined) : failed(fault('confirm.differs', `the name given is not ${host}`));
