import {createInterface} from 'node:readline/promises';
import {fault} from '../fault.ts';
import {failed, ok, type Result} from '../result.ts';
import type {Plan} from '../plan/plan.ts';

/** A person types the host's name; without a terminal `--confirm` gives it. There is no `--yes`. */
export async function confirm(plan: Plan, given: string | undefined): Promise<Result<void>> {
  if (given !== undefined) return compare(plan, given);
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    return failed(fault('confirm.missing', 'there is no terminal to type the host name at'));
  const erased = new Set(plan.steps.flatMap(({effects}) => effects.flatMap(({disk}) => disk?.serial ?? [])));
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    const disks = `${erased.size} disk${erased.size === 1 ? '' : 's'}`;
    process.stderr.write(`\n  This erases ${disks} of ${plan.host}: ${[...erased].join(', ')}. No undo.\n`);
    return compare(plan, await lines.question('  Type the host name to begin: '));
  } finally {
    lines.close();
  }
}

const compare = (plan: Plan, typed: string): Result<void> =>
  typed.trim() === plan.host ? ok(undefined) : failed(fault('confirm.differs', `the name given is not ${plan.host}`));
