import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Registry } from '../registry.js';
import type { WorkerSetup } from './sqlite-messages.js';

/** Commands leave little behind, so the worker's young objects need no 48 MB (V8's own limit), which it would soon fill and
 * never give back. */
const YOUNG_MB = 6;

/** Starts the storage worker for a registry. A built program runs `sqlite-worker-entry.js` beside this file. From
 * TypeScript sources (tests, with nothing built) the worker and the registry's module are bundled in memory first: a
 * worker thread does not inherit the test runner's loader. */
export async function spawnWorker(registry: Registry, setup: WorkerSetup): Promise<Worker> {
  const workerData = { ...setup, module: registry.module };
  const limits = { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } };
  if (!registry.module.endsWith('.ts')) return new Worker(new URL('./sqlite-worker-entry.js', import.meta.url), limits);
  let program = bundled.get(registry.module);
  if (program === undefined) {
    program = bundleSources(registry.module);
    bundled.set(registry.module, program);
  }
  return new Worker(await program, { eval: true, ...limits });
}

const bundled = new Map<string, Promise<string>>();

/** CommonJS, which is what a worker started from a text runs; packages outside the workspace stay outside the bundle
 * and are found from this file. */
async function bundleSources(module: string): Promise<string> {
  const { build } = await import('esbuild');
  const server = fileURLToPath(new URL('./sqlite-worker.ts', import.meta.url));
  const { outputFiles } = await build({
    stdin: {
      contents: `import { serveStore } from ${JSON.stringify(server)};
        import { registry } from ${JSON.stringify(fileURLToPath(module))};
        void serveStore(registry);`,
      resolveDir: fileURLToPath(new URL('.', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    conditions: ['@leasehold/source'],
    external: ['libsql', 'pg', 'pg-native', 'fastify', 'esbuild'],
    define: { 'import.meta.url': JSON.stringify(module) },
    logLevel: 'error',
  });
  const here = JSON.stringify(fileURLToPath(import.meta.url));
  return `require = require('node:module').createRequire(${here});\n${outputFiles[0]!.text}`;
}
