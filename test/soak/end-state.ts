import type {Lab} from '../../src/lab/lab.ts';
import type {Strike} from '../../src/lab/fault/strike-log.ts';
import type {Shift} from './operator.ts';
import {countsOf} from '../real/kill/counts.ts';

/** What is not as it must be after a rebuild, whatever struck it: asked of the lab's devices, in one line each. */
export async function wrongIn(
  lab: Lab,
  {done, sittings}: Shift,
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

  const {disks, zeroedBytes} = await countsOf(lab);
  const system = lab.blueprint.disks.find(({keep}) => !keep)!;
  // An erase formats the disk and fills it with zeroes, which QEMU counts alike. A wipe that the machine's own end cut short has left no latch and is begun anew; nothing else may repeat one.
  const restarts = strikes.filter(
    ({fault: {fault}, came}) => came === 'struck' && (fault === 'power-loss' || fault === 'machine-reset'),
  ).length;
  const most = 2 * system.sizeBytes * (1 + restarts) + (disks[system.name]?.writtenBytes ?? 0);
  if (done && zeroedBytes < 2 * system.sizeBytes) wrong.push(`only ${zeroedBytes} bytes were ever zeroed`);
  if (zeroedBytes > most) wrong.push(`${zeroedBytes} bytes were zeroed, at most ${most} may be`);
  const old = lab.suspect;
  const now = await lab.ask();
  if (done && now.ok && now.value.hostPin === old?.hostPin) wrong.push('the old system answers');
  return wrong;
}

const lastWords = (said = '', lines: readonly object[] = []): string =>
  `${said.trim().split('\n').slice(-4).join(' / ')} ${JSON.stringify(lines.at(-1) ?? '').slice(0, 300)}`;
