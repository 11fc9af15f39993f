import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startPostgres, whyNoPostgres } from '../support/postgres.js';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/** Runs Node in a process that may open few files; answers what it said, however it ended. */
async function withFewFiles(files: number, ...words: string[]): Promise<string> {
  const args = ['-c', `ulimit -n ${files} && exec "$0" "$@"`, process.execPath, ...words];
  const { stdout, stderr } = await run('sh', args, { cwd: ROOT, timeout: 60_000 }).catch(
    (ended: { stdout: string; stderr: string }) => ended,
  );
  return stdout + stderr;
}

describe.skipIf(process.platform === 'win32')('a process that may open too few files says so', () => {
  test('while an authority starts', async () => {
    const said = await withFewFiles(100, 'packages/cli/bin/leasehold.mjs', 'serve', '--db', 'sqlite:none.db');
    expect(said).toMatch(/^STATE_UNAVAILABLE: .*too many files open.*\n.*ulimit -n/);
    expect(said).not.toContain('defect');
  });

  test.skipIf(whyNoPostgres() !== undefined)('where none is left for a connection to PostgreSQL', async () => {
    const server = await startPostgres();
    const program = `
      import { openSync } from 'node:fs';
      import { maintenanceRegistry, openStore } from '@leasehold/authority';
      const open = () => openStore(process.argv[1], maintenanceRegistry);
      await (await open()).close();
      try { for (;;) openSync('/dev/null'); } catch {}
      await open().catch(({ code, message, details }) => console.log(code, message, details.remedy));`;
    const said = await withFewFiles(400, '--input-type=module', '-e', program, await server.database());
    expect(said).toMatch(/^DATABASE_UNAVAILABLE .*too many files open.*ulimit -n/s);
    await server.dispose();
  });
});
