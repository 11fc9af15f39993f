import { workerData } from 'node:worker_threads';
import type { Registry } from '../registry.js';
import { serveStore } from './sqlite-worker.js';

// The storage worker of a built program: loads the caller's registry from its own module and serves it.
const { module } = workerData as { readonly module: string };
const { registry } = (await import(module)) as { readonly registry: Registry };
await serveStore(registry);
