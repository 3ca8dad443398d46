import {defineConfig} from 'vitest/config';

/** The slow tier: real machines, one after the other, since each wants both cores. Root, QEMU and Debian's packages. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    globalSetup: './machine.ts',
    include: ['real/**/*.test.ts'],
    fileParallelism: false,
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
