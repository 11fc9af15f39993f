import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The private condition lets every suite read the sources, so that no build is needed and coverage sees src.
const conditions = ['@leasehold/source', 'module', 'node', 'development|production'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    // Files wait for disks and processes more than they compute: two at a time keep two cores busy.
    maxWorkers: 2,
    // What is waited for is there in milliseconds; on a busy machine it may take its time.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: { provider: 'v8', include: ['packages/*/src/**', 'extension/src/**'] },
  },
});
