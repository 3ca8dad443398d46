import type {Lab} from '../../src/lab/lab.ts';
import type {Strike} from '../../src/lab/fault/strike-log.ts';
import type {FaultName} from '../../src/lab/fault/lab-fault.ts';
import type {Erasing, Shift} from './operator.ts';
import {countsOf} from '../real/kill/counts.ts';

/** What is not as it must be after a rebuild, whatever struck it: asked of the lab's devices, in one line each. */
export async function wrongIn(
  lab: Lab,
  {done, sittings, erasing}: Shift,
  strikes: readonly Strike[],
): Promise<readonly string[]> {
  const wrong: string[] = [];
  const last = sittings.at(-1);
  if (!done) wrong.push(`the run did not end: ${last?.code ?? last?.signal} ${lastWords(last?.said, last?.lines)}`);
  const bug = sittings.find(({code}) => code === 70);
  if (bug) wrong.push(`a bug: ${lastWords(bug.said, [])}`);

  const kept = await lab.keptDisks();
  for (const [name, verdict] of Object.entries(kept))
    if (verdict !== 'untouched') wrong.push(`disk ${name} was changed`);

  const {
    zeroed: {formattedBytes, filledBytes},
  } = await countsOf(lab);
  const {sizeBytes} = lab.blueprint.disks.find(({keep}) => !keep)!;
  // Formatted once and blanked once; an erase that was broken off under way has left no latch and is begun anew.
  const times = 1 + strikes.filter((strike) => breaksOff(strike, erasing)).length;
  if (done && formattedBytes < sizeBytes - tailBytes) wrong.push(`only ${formattedBytes} bytes were ever formatted`);
  if (done && filledBytes < sizeBytes - tailBytes) wrong.push(`only ${filledBytes} bytes were ever blanked`);
  if (formattedBytes > sizeBytes * times)
    wrong.push(`${formattedBytes} bytes were formatted: at most ${times} times all`);
  if (filledBytes > sizeBytes * times + sizeBytes * zeroesOfSystem)
    wrong.push(`${filledBytes} bytes were blanked: at most ${times} times all, and what the new system zeroes`);
  const old = lab.suspect;
  const now = await lab.ask();
  if (done && now.ok && now.value.hostPin === old?.hostPin) wrong.push('the old system answers');
  return wrong;
}

/** QEMU zeroes what is left beside a whole block of its own as a request by itself. */
const tailBytes = 1 << 20;
/**
 * Zeroes among what is written beside, of the disk: the image's chunks are 6 % of it, and ext4's tables of inodes, which
 * the new system zeroes where it grew, less than 2 %.
 */
const zeroesOfSystem = 1 / 8;

/** Whether it ended an erase that was not yet on record as done: the machine's own end, or the disk that refuses it. */
const breaksOff = ({at, came, fault: {fault}}: Strike, {from, to}: Erasing): boolean =>
  came === 'struck' && ending.has(fault) && Date.parse(at) >= from && Date.parse(at) <= to;
const ending: ReadonlySet<string> = new Set<FaultName>(['power-loss', 'machine-reset', 'disk-errors']);

const lastWords = (said = '', lines: readonly object[] = []): string =>
  `${said.trim().split('\n').slice(-4).join(' / ')} ${JSON.stringify(lines.at(-1) ?? '').slice(0, 300)}`;
