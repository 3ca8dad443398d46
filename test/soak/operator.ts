import {systemClock} from '../../src/clock.ts';
import {exit} from '../../src/exit.ts';
import {rebuild, type Ended} from '../real/controller.ts';

/** How an operator brought a run to its end, or gave up. */
export interface Shift {
  readonly done: boolean;
  readonly sittings: readonly Ended[];
}

// More than so many in a row would be a person's whole night.
const patience = 15;

/**
 * Works at a run as a person does who reads what is printed: whatever ends a sitting, the command it names as the next
 * one is typed, and what it asks to be put right before that is `mend`ed. `gaveUp` is what nobody could go on from.
 */
export async function operate(state: string, faults: string, mend: () => Promise<void>): Promise<Shift> {
  const sittings: Ended[] = [];
  let argv: readonly string[] = ['run', 'marruuk', '--confirm', 'marruuk', '--faults', faults];
  for (let tries = 0; tries < patience; tries++) {
    const ended = await rebuild(argv, state);
    sittings.push(ended);
    if (ended.code === exit.done) return {done: true, sittings};
    if (ended.signal === null) {
      const next = nextOf(ended);
      if (next === undefined || ended.code === exit.bug) return {done: false, sittings};
      if (!next.includes('resume') && !next.includes('status')) return {done: false, sittings};
      // A cause that is still there would only be met again: an operator waits, and has it put right.
      if (tries > 2) await mend();
      await systemClock.sleep(5000);
    }
    argv = (await isBegun(sittings)) ? ['resume', 'marruuk'] : argv;
  }
  return {done: false, sittings};
}

const isBegun = async (sittings: readonly Ended[]): Promise<boolean> =>
  sittings.some(({lines}) => lines.some(({type}) => type === 'run.begun'));

/** The command a sitting named as the next one: in its summary, in its fault, or on stderr. */
function nextOf({lines, said}: Ended): string | undefined {
  const last = lines.at(-1) as {readonly next?: unknown} | undefined;
  if (typeof last?.next === 'string') return last.next;
  return /\bnext (.+)/.exec(said.replaceAll(/\s+/g, ' '))?.[1];
}
