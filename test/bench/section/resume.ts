import type {ChildProcess} from 'node:child_process';
import {inBlankLab, type BlankLab} from '../lab/blank-lab.ts';
import {sit} from '../lab/engine-run.ts';
import {builtProgram} from '../lab/program.ts';
import type {Line} from '../../real/controller.ts';
import {row} from '../result.ts';
import type {Section} from '../section.ts';

// As many chunks that are on the disk before the controller dies.
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
      let sent = await dyingRun(lab, program, ['run', 'marruuk', '--confirm', 'marruuk'], 0, chunks).then(last);
      for (let round = 0; round < rounds; round++) {
        const events = await dyingRun(lab, program, ['resume', 'marruuk'], sent, chunks);
        const first = events.find(({sent: now}) => now !== undefined && now > sent);
        if (!first) throw new Error('a resumed run moved nothing');
        seconds.push(first.at);
        detail.push(
          Object.fromEntries(
            events.filter(({sent: now}) => (now ?? 0) <= sent).map(({at, says}) => [says, Number(at.toFixed(3))]),
          ),
        );
        sent = last(events);
        say(`round ${round + 1} of ${rounds}: ${first.at.toFixed(1)} s`);
      }
    });
    return [
      row({
        name: 'rebuild resume to the next chunk',
        unit: 'seconds',
        conditions: `the lab’s machine, its light system up; killed after ${chunks} chunks of the install, again and again`,
        values: seconds,
        target: {atMost: 5},
        detail,
      }),
    ];
  },
};

interface Seen {
  readonly at: number;
  readonly says: string;
  /** Compressed bytes that are on the disk, where the event tells. */
  readonly sent: number | undefined;
}

const last = (events: readonly Seen[]): number => Math.max(0, ...events.map(({sent}) => sent ?? 0));

/** One sitting, killed once so many checkpoints have told of more than `from` bytes. */
async function dyingRun(
  lab: BlankLab,
  program: string,
  words: readonly string[],
  from: number,
  after: number,
): Promise<readonly Seen[]> {
  let more = 0;
  const on = (line: Line, child: ChildProcess): void => {
    if ((sentIn(line) ?? 0) > from && ++more === after) child.kill('SIGKILL');
  };
  const sitting = await sit(lab, program, words, {on});
  if (sitting.signal !== 'SIGKILL') throw new Error(`the sitting ended by itself: ${sitting.said}`);
  return sitting.lines.map(({at, line}) => ({at, says: told(line), sent: sentIn(line)}));
}

function sentIn(line: Line): number | undefined {
  if (line.type !== 'step.saved' || line.step !== 'install') return undefined;
  const {sent} = line.checkpoint;
  return typeof sent === 'number' ? sent : undefined;
}

const told = (line: Line): string => ('step' in line ? `${line.type} ${line.step}` : line.type);
