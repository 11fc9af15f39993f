import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What a vendor installs: the SDK as it is packed, by npm, with everything it depends on. */

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const MB = 1e6;

export async function bench(): Promise<{ rows: readonly object[]; goals: readonly object[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-bench-'));
  try {
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder, '-w', 'packages/sdk'], {
      cwd: root,
    });
    const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    await run('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', join(folder, filename)], {
      cwd: folder,
    });
    return report(join(folder, 'node_modules'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(modules: string): { rows: readonly object[]; goals: readonly object[] } {
  const packages = packagesIn(modules).map((name) => ({ name, bytes: bytesIn(join(modules, name)) }));
  const total = packages.reduce((sum, { bytes }) => sum + bytes, 0);
  const rows = packages.map(({ name, bytes }) => row(name, 'MB', bytes / MB));
  return {
    rows: [...rows, row('installed', 'MB', total / MB), row('packages', 'packages', packages.length)],
    goals: [
      { id: 'installed-mb', value: total / MB, limit: 3, holds: total / MB <= 3 },
      { id: 'packages', value: packages.length, limit: 4, holds: packages.length <= 4 },
    ],
  };
}

/** A size has no rounds: every figure of its row is the same. */
function row(name: string, unit: string, value: number): object {
  return { row: name, unit, median: value, min: value, max: value };
}

function packagesIn(modules: string): string[] {
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    return name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name];
  });
}

function bytesIn(path: string): number {
  const found = statSync(path);
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}
