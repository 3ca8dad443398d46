import {defineConfig} from 'vitest/config';

/** The fast tier: everything but `real/`, which boots machines. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    globalSetup: './machine.ts',
    include: ['**/*.test.ts'],
    exclude: ['real/**', '**/node_modules/**'],
    // A loaded machine without KVM is several times slower than a quiet one; a hang is still caught.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
