import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LICENSE_KEY, startLoopbackAuthority } from '../support/loopback-authority.js';
import { figure, type Figure } from './decision/measure.js';

/** From the start of the process to the first decision: an agent that holds a lease reads it, verifies it down to the
 * pinned root and decides. Beside it the same by hand with node:crypto, by plain jose, and an empty process. The controls
 * do less: they know no machine, no lock, no clock, no sealed state and no rules. An empty ES module and the same by hand
 * in one show what Node's own loader takes of that row. All rows take turns in every round. */

const ROUNDS = 25;
const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

const END = `const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ cpu: (userCPUTime + systemCPUTime) / 1000, rss: maxRSS / 1024 }));`;
const SDK = `const license = await openLicense(JSON.parse(process.argv[2]));
  const { allowed, value } = license.authorize({ action: 'backup', machine: 'self', scope: 'system_image' });
  if (!allowed) throw new Error('refused: ' + JSON.stringify([value, license.status().problems]));
  ${END}
  await license.close();`;
const DECIDE = `if (lease.exp * 1000 <= Date.now() || entitlements.sub !== lease.sub) throw new Error('refused');
  if (!entitlements.facts.licenses.length) throw new Error('refused');
  ${END}`;

const BY_HAND = `const { root, tokens } = JSON.parse(readFileSync(process.argv[3], 'utf8'));
  const keyOf = (x) => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const open = (token, key) => {
    const [head, body, seal] = token.split('.');
    if (!verify(null, Buffer.from(head + '.' + body), key, Buffer.from(seal, 'base64url'))) throw new Error('forged');
    return JSON.parse(Buffer.from(body, 'base64url').toString());
  };
  const keyset = open(tokens.keyset, keyOf(root.x));
  const signing = keyOf(keyset.keys[0].x);
  const lease = open(tokens.lease, signing);
  const entitlements = open(tokens.entitlements, signing);
  ${DECIDE}`;

/** Row → file name and program. */
const PROGRAMS = {
  empty: ['empty.cjs', END],
  'empty, ESM': ['empty.mjs', END],
  'sdk, CommonJS': ['sdk.cjs', `const { openLicense } = require('@leasehold/sdk');\n(async () => {${SDK}})();`],
  'sdk, ESM': ['sdk.mjs', `import { openLicense } from '@leasehold/sdk';\n${SDK}`],
  'by hand, node:crypto': [
    'hand.cjs',
    `const { createPublicKey, verify } = require('node:crypto');\nconst { readFileSync } = require('node:fs');\n${BY_HAND}`,
  ],
  'by hand, ESM': [
    'hand.mjs',
    `import { createPublicKey, verify } from 'node:crypto';\nimport { readFileSync } from 'node:fs';\n${BY_HAND}`,
  ],
  jose: [
    'jose.mjs',
    `import { readFileSync } from 'node:fs';
    import { compactVerify, importJWK } from 'jose';
    const { root, tokens } = JSON.parse(readFileSync(process.argv[3], 'utf8'));
    const keyOf = (x) => importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA');
    const open = async (token, key) => JSON.parse(new TextDecoder().decode((await compactVerify(token, key)).payload));
    const keyset = await open(tokens.keyset, await keyOf(root.x));
    const signing = await keyOf(keyset.keys[0].x);
    const lease = await open(tokens.lease, signing);
    const entitlements = await open(tokens.entitlements, signing);
    ${DECIDE}`,
  ],
} as const;
type Row = keyof typeof PROGRAMS;
const ROWS = Object.keys(PROGRAMS) as Row[];

interface Sample {
  readonly cpu: number;
  readonly rss: number;
}

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  const authority = await startLoopbackAuthority();
  try {
    installVendor(folder);
    const options = {
      product: 'acme-backup',
      version: '12.1',
      roots: [authority.root],
      authority: authority.url,
      stateDir: join(folder, 'license'),
      activation: { key: LICENSE_KEY },
    };
    const held = join(folder, 'held.json');
    const start = (row: Row): Promise<Sample> => startOnce(folder, row, [JSON.stringify(options), held]);
    await start('sdk, CommonJS'); // activates
    writeFileSync(
      held,
      JSON.stringify({ root: authority.root, tokens: { keyset: authority.keyset, ...authority.issued } }),
    );
    return report(await interleaved(start));
  } finally {
    await authority.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A vendor's folder: the package as it is published, and what others publish. */
function installVendor(folder: string): void {
  const installed = join(folder, 'node_modules/@leasehold/sdk');
  mkdirSync(installed, { recursive: true });
  cpSync(join(root, 'packages/sdk/dist'), join(installed, 'dist'), { recursive: true });
  cpSync(join(root, 'packages/sdk/package.json'), join(installed, 'package.json'));
  for (const name of ['undici', 'jose'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  for (const [file, program] of Object.values(PROGRAMS)) writeFileSync(join(folder, file), program);
}

/** Node reads the certificates that this names whole at every start, also of an empty program: Debian's take it five times
 * the instructions of all else that it does, and every row would look alike. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...ENVIRONMENT } = process.env;

async function startOnce(folder: string, row: Row, args: readonly string[]): Promise<Sample> {
  const program = join(folder, PROGRAMS[row][0]);
  const { stdout } = await run(process.execPath, [program, ...args], { cwd: folder, env: ENVIRONMENT });
  return JSON.parse(stdout) as Sample;
}

async function interleaved(start: (row: Row) => Promise<Sample>): Promise<ReadonlyMap<Row, Sample[]>> {
  const samples = new Map(ROWS.map((row) => [row, [] as Sample[]]));
  for (let round = 0; round <= ROUNDS; round += 1)
    for (const row of ROWS) {
      const sample = await start(row);
      if (round > 0) samples.get(row)!.push(sample); // the first round fills the file cache
    }
  return samples;
}

function report(samples: ReadonlyMap<Row, Sample[]>): { rows: readonly object[]; goals: readonly object[] } {
  const of = (row: Row, what: keyof Sample): Figure =>
    figure(
      `${row}: ${what === 'cpu' ? 'CPU' : 'RSS'}`,
      what === 'cpu' ? 'ms' : 'MB',
      samples.get(row)!.map((sample) => sample[what]),
    );
  const goals = (['sdk, CommonJS', 'sdk, ESM'] as const).flatMap((row) => {
    const id = row === 'sdk, ESM' ? 'esm' : 'cjs';
    const [cpu, empty] = [of(row, 'cpu').min, of('empty', 'cpu').min];
    return [
      atMost(`${id}-cpu-over-empty-ms`, cpu - empty, 12),
      atMost(`${id}-rss-over-empty-mb`, of(row, 'rss').median - of('empty', 'rss').median, 6),
      atMost(`${id}-cpu-to-by-hand`, cpu / of('by hand, node:crypto', 'cpu').min, 1.5),
      atMost(`${id}-cpu-to-jose`, cpu / of('jose', 'cpu').min, 0.9),
    ];
  });
  const rows = (['cpu', 'rss'] as const).flatMap((what) => ROWS.map((row) => of(row, what)));
  return { rows: rows.map(({ rounds: _rounds, ...row }) => row), goals };
}

function atMost(id: string, value: number, limit: number): object {
  return { id, value, limit, holds: value <= limit };
}
