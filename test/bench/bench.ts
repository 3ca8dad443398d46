import {spawnSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';

/**
 * Speed as ratios of things measured side by side in one run: medians over rounds in which each takes its turn, so that
 * whatever else the machine does falls on all of them. JSON on stdout.
 */
const rounds = 15;
const bin = join(import.meta.dirname, '../../dist/bin.js');
const state = mkdtempSync('/tmp/rebuild-bench-');

const contestants = {
  'node -e 0': ['-e', '0'],
  'rebuild --help': [bin, '--help'],
  'rebuild status': [bin, 'status'],
} as const;

const taken = new Map<string, number[]>();
try {
  for (let round = 0; round < rounds; round++)
    for (const [name, argv] of Object.entries(contestants)) {
      const begun = performance.now();
      const {status} = spawnSync(process.execPath, argv, {env: {...process.env, REBUILD_HOME: state}});
      if (status !== 0) throw new Error(`${name} ended with ${status}; npm run build first`);
      taken.set(name, [...(taken.get(name) ?? []), performance.now() - begun]);
    }
} finally {
  rmSync(state, {recursive: true, force: true});
}

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? NaN;
const base = median(taken.get('node -e 0') ?? []);
const ratios = Object.fromEntries([...taken].map(([name, list]) => [name, Number((median(list) / base).toFixed(2))]));
process.stdout.write(`${JSON.stringify({rounds, over: 'node -e 0', ratios}, null, 2)}\n`);
