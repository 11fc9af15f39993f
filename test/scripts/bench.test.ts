import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const names = readdirSync(join(ROOT, 'test'))
  .filter((entry) => entry === 'bench')
  .flatMap((entry) => readdirSync(join(ROOT, 'test', entry)))
  .flatMap((file) => /^(.+)\.bench\.(?:ts|mjs)$/.exec(file)?.[1] ?? []);

describe('npm run bench', () => {
  it.each([[], ['no-such-bench'], ['no-such-bench', '--json']])(
    'names the benches and ends with status 2 for %j',
    (...words) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/bench.mjs'), ...words], {
        encoding: 'utf8',
      });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      for (const name of names) expect(stderr).toContain(name);
    },
  );
});
