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
    maxWorkers: '100%',
    globalSetup: 'test/support/global-setup.ts',
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
