import {execa} from 'execa';
import {join} from 'node:path';
import {inBlankLab, type BlankLab} from '../lab/blank-lab.ts';
import {stageAt} from '../lab/console.ts';
import {sit} from '../lab/engine-run.ts';
import {builtProgram} from '../lab/program.ts';
import {row, type Row} from '../result.ts';
import type {Section} from '../section.ts';

interface Engine {
  readonly seconds: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly checkpointShare: number;
  readonly bootRatio: number;
  /** Of the machine that was rebuilt. */
  readonly memoryBytes: number;
  readonly bootDetail: Readonly<Record<string, number>>;
}

const script = join(import.meta.dirname, '../plain-script.ts');
const preload = join(import.meta.dirname, '../lab/sqlite-clock.ts');

/** What checkpoints, checks and a journal cost: the same rebuild of the lab's machine with the engine and without. */
export const whole: Section = {
  name: 'whole',
  about: 'a rebuild of the lab’s machine: over the same by a plain script, its checkpoints, the light system’s start',
  async measure({rounds, say}) {
    const program = await builtProgram();
    const engines: Engine[] = [];
    const scripts: Record<string, number>[] = [];
    for (let round = 0; round < rounds; round++) {
      const turns = [
        async () => {
          const one = await inBlankLab(say, (lab) => byEngine(lab, program));
          engines.push(one);
          say(`round ${round + 1} of ${rounds}: engine ${one.seconds.toFixed(1)} s`);
        },
        async () => {
          const one = await inBlankLab(say, byScript);
          scripts.push(one);
          say(`round ${round + 1} of ${rounds}: plain script ${one['seconds']?.toFixed(1)} s`);
        },
      ];
      for (const turn of round % 2 ? turns.toReversed() : turns) await turn();
    }
    return rows(engines, scripts);
  },
};

function rows(engines: readonly Engine[], scripts: readonly Record<string, number>[]): readonly Row[] {
  const conditions = 'the lab’s machine, blank disks, both images in the cache';
  return [
    row({
      name: 'rebuild over a plain script',
      unit: 'ratio',
      over: 'plain-script.ts in the same round, from start to end of the process',
      conditions,
      values: engines.map(({seconds}, place) => seconds / (scripts[place]?.['seconds'] ?? NaN)),
      target: {atMost: 1.05},
      detail: engines.map(({seconds, steps}, place) => ({
        seconds,
        ...prefixed('engine', steps),
        ...prefixed('script', scripts[place] ?? {}),
      })),
    }),
    row({
      name: 'checkpoints in the install',
      unit: 'share',
      over: 'the install’s time',
      conditions: `${conditions}; time inside SQLite, in which the program waits, between the step’s first and last event`,
      values: engines.map(({checkpointShare}) => checkpointShare),
      target: {below: 0.01},
    }),
    row({
      name: 'light system: SSH answers over PID 1',
      unit: 'ratio',
      over: 'the kernel’s own time to PID 1, by its uptime on the serial console',
      conditions,
      values: engines.map(({bootRatio}) => bootRatio),
      target: {atMost: 2},
      detail: engines.map(({bootDetail}) => bootDetail),
    }),
    row({
      name: 'memory of the machine that was rebuilt',
      unit: 'bytes',
      conditions,
      values: engines.map(({memoryBytes}) => memoryBytes),
      target: {atMost: 2 ** 30},
    }),
  ];
}

async function byEngine(lab: BlankLab, program: string): Promise<Engine> {
  const sitting = await sit(lab, program, ['run', 'marruuk', '--confirm', 'marruuk'], {
    nodeOptions: ['--import', preload],
  });
  if (sitting.code !== 0) throw new Error(`the rebuild ended with ${sitting.code}: ${sitting.said}`);
  const clocks = [...sitting.said.matchAll(/^sqlite-clock (\S+) install (\S+) (\S+)$/gm)];
  const [begun, done] = ['step.started', 'step.done'].map((type) => clocks.find(([, told]) => told === type));
  const spent = Number(done?.[2]) - Number(begun?.[2]);
  const lasted = Number(done?.[3]) - Number(begun?.[3]);
  const [init, ready] = [await stageAt(lab, 'init'), await stageAt(lab, 'ready')];
  const summary = sitting.lines.at(-1)?.line;
  const steps = summary?.type === 'run.summary' ? summary.steps : [];
  return {
    seconds: sitting.seconds,
    steps: Object.fromEntries(steps.map(({id, seconds}) => [id, seconds ?? 0])),
    checkpointShare: spent / lasted,
    bootRatio: ready / init,
    memoryBytes: lab.lab.blueprint.memoryMiB * 2 ** 20,
    bootDetail: {init, ready},
  };
}

async function byScript({at, environment}: BlankLab): Promise<Record<string, number>> {
  const [program, ...words] = at([process.execPath, script, 'marruuk']);
  const begun = performance.now();
  const {stdout} = await execa(program, words, {env: environment, timeout: 15 * 60_000});
  const seconds = (performance.now() - begun) / 1000;
  return {seconds, ...(JSON.parse(stdout) as Record<string, number>)};
}

const prefixed = (prefix: string, values: Readonly<Record<string, number>>): Record<string, number> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, Number(value.toFixed(3))]));
