import {systemClock} from '../../src/clock.ts';
import {exit} from '../../src/exit.ts';
import {rebuild, type Ended, type Line} from '../real/controller.ts';

/** How an operator brought a run to its end, or gave up. */
export interface Shift {
  readonly done: boolean;
  readonly sittings: readonly Ended[];
  /** Between which two moments the disks were being erased, by the clock of whoever looks on, ms since the epoch. */
  readonly erasing: Erasing;
}

/** From the wipe's first start until it was first told as done; infinite where it never came to that. */
export interface Erasing {
  readonly from: number;
  readonly to: number;
}

// More than so many in a row would be a person's whole night.
const patience = 15;

/**
 * Works at a run as a person does who reads what is printed: whatever ends a sitting, the command it names as the next
 * one is typed, and in the end what it asks to be put right before that is put right by `mend`. What is still to come does.
 */
export async function operate(state: string, faults: string, mend: () => Promise<void>): Promise<Shift> {
  const sittings: Ended[] = [];
  let erasing: Erasing = {from: Infinity, to: Infinity};
  const watch = (line: Line): void => {
    if (!('step' in line) || line.step !== 'wipe') return;
    if (line.type === 'step.started') erasing = {...erasing, from: Math.min(erasing.from, Date.now())};
    // A controller that dies right after a commit has told nobody: the next one says that it still holds.
    if (line.type === 'step.done' || line.type === 'step.kept')
      erasing = {...erasing, to: Math.min(erasing.to, Date.now())};
  };
  let begun = false;
  const begin = ['run', 'marruuk', '--confirm', 'marruuk', '--faults', faults];
  for (let tries = 1; tries <= patience; tries++) {
    const ended = await rebuild(begun ? ['resume', 'marruuk'] : begin, state, watch);
    sittings.push(ended);
    const next = nextOf(ended) ?? '';
    // A controller may die right after its first commit: then a second `run` is refused, and names `resume`.
    begun ||= ended.lines.some(({type}) => type === 'run.begun') || next.includes('rebuild resume');
    if (ended.code === exit.done) return {done: true, sittings, erasing};
    if (ended.signal !== null) continue;
    if (ended.code === exit.bug || !/resume|status|rebuild run/.test(next)) break;
    // A cause that is still there would only be met again: an operator waits, and has it put right.
    if (tries > 2) await mend();
    await systemClock.sleep(5000);
  }
  return {done: false, sittings, erasing};
}

/** The command a sitting named as the next one: in its summary, in its fault, or on stderr. */
function nextOf({lines, said}: Ended): string | undefined {
  const last = lines.at(-1) as {readonly next?: unknown} | undefined;
  if (typeof last?.next === 'string') return last.next;
  return /\bnext (.+)/.exec(said.replaceAll(/\s+/g, ' '))?.[1];
}
