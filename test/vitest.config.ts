import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.test.ts'],
    // A loaded machine without KVM is several times slower than a quiet one; a hang is still caught.
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
