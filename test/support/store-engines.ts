import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The engines that the storage suites run on, each with a way to a fresh, empty database. */
export interface StoreEngine {
  readonly name: 'sqlite' | 'postgres';
  url(): Promise<string>;
}

const sqlite: StoreEngine = {
  name: 'sqlite',
  url: async () => `sqlite:${join(mkdtempSync(join(tmpdir(), 'leasehold-store-')), 'authority.db')}`,
};

export const engines: readonly StoreEngine[] = [sqlite];
