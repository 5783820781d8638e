import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // As src/ imports it, not as its own test does.
    alias: [
      { find: /^(\.\.?\/)+spawn-worker\.ts$/, replacement: '/test/support/spawn-built-worker.ts' },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // Native addons (ONNX Runtime, hnswlib) are not safe to load in several threads of one process.
    pool: 'forks',
    // Nothing here keeps state in a module; a process for each file takes longer than most files' tests.
    isolate: false,
    maxWorkers: '100%',
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
