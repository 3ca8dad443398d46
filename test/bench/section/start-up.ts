import {spawnSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {row, type Row} from '../result.ts';
import type {Section} from '../section.ts';

const bin = join(import.meta.dirname, '../../../dist/bin.js');
const contestants = [
  {name: 'rebuild --help', argv: [bin, '--help'], target: {atMost: 2.5}},
  {name: 'rebuild status', argv: [bin, 'status'], target: {atMost: 3.5}},
] as const;
// A start takes tens of milliseconds; each round of the bench is the median of several turns of everybody.
const turns = 9;

/** What is typed by reflex answers at once: over the start of Node itself. */
export const startUp: Section = {
  name: 'start-up',
  about: 'rebuild --help and rebuild status over `node -e 0` (of the built program: npm run build)',
  async measure({rounds}) {
    const state = await mkdtemp(join(tmpdir(), 'rebuild-bench-'));
    const start = (argv: readonly string[]): number => {
      const begun = performance.now();
      const {status} = spawnSync(process.execPath, argv, {env: {...process.env, REBUILD_HOME: state}});
      if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}; npm run build first`);
      return performance.now() - begun;
    };
    const ratios = new Map<string, number[]>();
    try {
      for (let round = 0; round < rounds * turns; round++) {
        const base = start(['-e', '0']);
        for (const {name, argv} of contestants) ratios.set(name, [...(ratios.get(name) ?? []), start(argv) / base]);
      }
    } finally {
      await rm(state, {recursive: true, force: true});
    }
    return contestants.map(({name, target}): Row =>
      row({
        name,
        unit: 'ratio',
        over: 'node -e 0 in the same turn',
        conditions: 'the built program, an empty journal',
        values: ratios.get(name) ?? [],
        target,
      }),
    );
  },
};
