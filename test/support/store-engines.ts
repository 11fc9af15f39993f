import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startPostgres, whyNoPostgres, type TestPostgres } from './postgres.js';

/** The engines that the storage suites run on, each with a way to a fresh, empty database. */
export interface StoreEngine {
  readonly name: 'sqlite' | 'postgres';
  url(): Promise<string>;
}

const sqlite: StoreEngine = {
  name: 'sqlite',
  url: async () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'leasehold-store-')), 'authority.db')}`,
};

/** One server for all suites of a test file, started at its first use. */
let server: Promise<TestPostgres> | undefined;
const postgres: StoreEngine = {
  name: 'postgres',
  async url() {
    server ??= startPostgres();
    return (await server).database();
  },
};
afterAll(async () => (await server)?.dispose());

const missing = whyNoPostgres();
if (missing !== undefined) console.log(`Skipped: storage suites on PostgreSQL. ${missing}.`);

export const engines: readonly StoreEngine[] = missing === undefined ? [sqlite, postgres] : [sqlite];
