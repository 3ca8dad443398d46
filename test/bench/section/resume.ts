import type {ChildProcess} from 'node:child_process';
import {systemClock} from '../../../src/clock.ts';
import {inBlankLab, type BlankLab} from '../lab/blank-lab.ts';
import {sit} from '../lab/engine-run.ts';
import {builtProgram} from '../lab/program.ts';
import type {Line} from '../../real/controller.ts';
import {must} from '../../real/kill/counts.ts';
import {chunksSaved} from '../../real/saved.ts';
import {row} from '../result.ts';
import type {Section} from '../section.ts';

// As many chunks that a sitting brings to the disk before it is killed: the image has enough for every round.
const chunks = 4;

/** The controller dies in the middle of the install; how soon does another sitting move it on? */
export const resume: Section = {
  name: 'resume',
  about: 'SIGKILL of the controller in the install: from `rebuild resume` to the next chunk on the disk',
  async measure({rounds, say}) {
    const program = await builtProgram();
    const seconds: number[] = [];
    const detail: Record<string, number>[] = [];
    await inBlankLab(say, async (lab) => {
      let {saved} = await dyingRun(lab, program, ['run', 'marruuk', '--confirm', 'marruuk'], 0);
      for (let round = 0; round < rounds; round++) {
        const before = await stillCount(lab);
        const begun = performance.now();
        const [moved, sitting] = await Promise.all([
          movedOn(lab, before).then((at) => (at - begun) / 1000),
          dyingRun(lab, program, ['resume', 'marruuk'], saved),
        ]);
        ({saved} = sitting);
        seconds.push(moved);
        detail.push(
          Object.fromEntries(
            sitting.seen.filter(({at}) => at <= moved).map(({at, says}) => [says, Number(at.toFixed(3))]),
          ),
        );
        say(`round ${round + 1} of ${rounds}: ${moved.toFixed(1)} s`);
      }
    });
    return [
      row({
        name: 'rebuild resume to the next chunk',
        unit: 'seconds',
        conditions: `the lab’s machine, its light system up; killed after ${chunks} chunks of the install, again and again; counted by the disk`,
        values: seconds,
        target: {atMost: 5},
        detail,
      }),
    ];
  },
};

// Of the machine's processors a reading takes little.
const lookEveryMs = 50;
// A killed controller's last chunk is still being written.
const stillMs = 3000;

/** Bytes that were written to the disk that gets the system, counted by the disk, which Write Zeroes is not in. */
async function written({lab}: BlankLab): Promise<number> {
  const counts = must(await lab.control.disks());
  const {name} = lab.blueprint.disks.find(({keep}) => !keep)!;
  return counts[name]!.writtenBytes;
}

/** The count, once nothing is written any more. */
async function stillCount(lab: BlankLab): Promise<number> {
  let count = await written(lab);
  for (let since = performance.now(); performance.now() - since < stillMs;) {
    await systemClock.sleep(lookEveryMs);
    const now = await written(lab);
    if (now !== count) [count, since] = [now, performance.now()];
  }
  return count;
}

/** When the disk was written to again. */
async function movedOn(lab: BlankLab, before: number): Promise<number> {
  const limit = performance.now() + 120_000;
  while ((await written(lab)) === before) {
    if (performance.now() > limit) throw new Error('a resumed run moved nothing');
    await systemClock.sleep(lookEveryMs);
  }
  return performance.now();
}

interface Died {
  /** Chunks that its checkpoints told of. */
  readonly saved: number;
  readonly seen: readonly {readonly at: number; readonly says: string}[];
}

/** One sitting, killed once its checkpoints tell of enough chunks beyond `from`. */
async function dyingRun(lab: BlankLab, program: string, words: readonly string[], from: number): Promise<Died> {
  let saved = from;
  const on = (line: Line, child: ChildProcess): void => {
    saved = Math.max(saved, chunksSaved(line, 'install') ?? 0);
    if (saved >= from + chunks) child.kill('SIGKILL');
  };
  const sitting = await sit(lab, program, words, {on});
  if (sitting.signal !== 'SIGKILL') throw new Error(`the sitting ended by itself: ${sitting.said}`);
  return {saved, seen: sitting.lines.map(({at, line}) => ({at, says: told(line)}))};
}

const told = (line: Line): string => ('step' in line ? `${line.type} ${line.step}` : line.type);
