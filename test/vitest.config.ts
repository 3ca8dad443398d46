import {availableParallelism} from 'node:os';
import {defineConfig} from 'vitest/config';
import {LongestFirst} from './longest-first.ts';

/** The fast tier: everything but `real/`, which boots machines. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    globalSetup: ['./machine.ts', './simulator/program.ts'],
    include: ['**/*.test.ts'],
    exclude: ['real/**', '**/node_modules/**'],
    sequence: {sequencer: LongestFirst},
    // No test changes what another's modules hold: what a worker has loaded serves the next file, too.
    isolate: false,
    // Most of their time passes in waiting: for an sshd, a silence, a lease that runs out.
    maxWorkers: 2 * availableParallelism(),
    // A loaded machine without KVM is several times slower than a quiet one; a hang is still caught.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
