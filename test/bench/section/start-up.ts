import {spawnSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {stepId, type HostName, type RunId, type Sha256, type StepId} from '../../../src/brand.ts';
import {systemClock} from '../../../src/clock.ts';
import type {Event} from '../../../src/engine/event.ts';
import {openJournal} from '../../../src/journal/sqlite.ts';
import {builtProgram} from '../lab/program.ts';
import {row, type Row} from '../result.ts';
import type {Section} from '../section.ts';

const commands = [
  {name: 'rebuild --help', words: ['--help'], target: {atMost: 2.5}},
  {name: 'rebuild status', words: ['status'], target: {atMost: 3.5}},
] as const;
// A start takes tens of milliseconds: every round of the bench is so many turns of everybody.
const turns = 9;
const saves = 60;

/** What is typed by reflex answers at once: over the start of Node itself. */
export const startUp: Section = {
  name: 'start-up',
  about: 'rebuild --help and rebuild status over `node -e 0`',
  async measure({rounds}) {
    const bin = await builtProgram();
    const state = await mkdtemp(join(tmpdir(), 'rebuild-bench-'));
    const start = (argv: readonly string[]): number => {
      const begun = performance.now();
      const {status, stderr} = spawnSync(process.execPath, argv, {
        env: {...process.env, REBUILD_HOME: state},
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}: ${stderr}`);
      return performance.now() - begun;
    };
    const ratios = new Map<string, number[]>();
    try {
      await keepRun(join(state, 'journal.sqlite'));
      for (let turn = 0; turn < rounds * turns; turn++) {
        const base = start(['-e', '0']);
        for (const {name, words} of commands)
          ratios.set(name, [...(ratios.get(name) ?? []), start([bin, ...words]) / base]);
      }
    } finally {
      await rm(state, {recursive: true, force: true});
    }
    return commands.map(({name, target}): Row =>
      row({
        name,
        unit: 'ratio',
        over: 'node -e 0 in the same turn',
        conditions: `the built program; a journal with one run of ${saves + 3} events`,
        values: ratios.get(name) ?? [],
        target,
      }),
    );
  },
};

/** A journal as an operator finds it in the middle of an install. */
async function keepRun(file: string): Promise<void> {
  const opened = openJournal(file, systemClock);
  if (!opened.ok) throw new Error(opened.fault.says);
  const run = 'marruuk-1' as RunId;
  const step = stepId('install') as StepId;
  const digest = '0'.repeat(64) as Sha256;
  const place = {file: 'runbooks/marruuk.yaml', line: 1, column: 1};
  const events: readonly Event[] = [
    {
      type: 'run.begun',
      run,
      host: 'marruuk' as HostName,
      by: 'lena@jump1',
      rebuild: '0.1.0',
      plan: digest,
      runbook: digest,
      lab: false,
      steps: [{id: step, kind: 'os.install', irreversible: true, heldUntil: [], place}],
      facts: {},
    },
    {type: 'step.started', step, attempt: 1},
    ...Array.from({length: saves}, (_, place): Event => ({
      type: 'step.saved',
      step,
      checkpoint: {phase: 'writing', image: digest, bootId: '0', written: `0-${place}`, sent: place},
    })),
    {type: 'run.stopped', why: 'asked'},
  ];
  for (const event of events) {
    const stored = await opened.value.append(run, event);
    if (!stored.ok) throw new Error(stored.fault.says);
  }
  opened.value.close();
}
