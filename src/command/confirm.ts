import {createInterface} from 'node:readline/promises';
import {fault} from '../fault.ts';
import type {Plan} from '../plan/plan.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Screen} from './screen.ts';

/** A person types the host's name; without a terminal `--confirm` gives it. There is no `--yes`. */
export async function confirm(plan: Plan, given: string | undefined, screen: Screen): Promise<Result<void>> {
  if (given !== undefined) return compare(plan, given);
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    return failed(fault('confirm.missing', 'there is no terminal to type the host name at'));
  screen.beforeConfirm(plan);
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    return compare(plan, await lines.question(screen.prompt));
  } finally {
    lines.close();
  }
}

const compare = ({host}: Plan, typed: string): Result<void> =>
  typed.trim() === host ? ok(undefined) : failed(fault('confirm.differs', `the name given is not ${host}`));
