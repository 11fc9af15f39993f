import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLicense, type License } from '@leasehold/sdk';
import { newLicense, PRODUCT, type Bench } from './authority.js';

/** An agent of this machine that holds a license of an authority, and its settings as an installer leaves them. */
export interface LocalAgent {
  readonly license: License;
  readonly folder: string;
  readonly config: string;
  close(): Promise<void>;
}

export async function startLocalAgent(bench: Bench): Promise<LocalAgent> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-agent-'));
  const { licenseKey } = await newLicense(bench, { type: 'linux' });
  const settings = {
    product: PRODUCT,
    version: '12.1',
    authority: bench.authority.url,
    roots: [bench.rootJwk],
    stateDir: join(folder, 'state'),
    instanceId: folder,
  };
  const config = join(folder, 'agent.json');
  writeFileSync(config, JSON.stringify(settings), { mode: 0o644 });
  const license = await openLicense({ ...settings, activation: { key: licenseKey } });
  return {
    license,
    folder,
    config,
    async close() {
      await license.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
