import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leasehold-count-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the given test files with our reporter and answers what it counted. */
function count(files: Record<string, string>): Record<string, unknown> {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), `import { describe, expect, it } from 'vitest';\n${text}`);
  }
  const result = join(folder, 'result.json');
  spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--root',
      folder,
      `--reporter=${ROOT}/scripts/vitest-reporter.mjs`,
    ],
    { env: { ...process.env, LEASEHOLD_TEST_RESULT: result }, encoding: 'utf8' },
  );
  return JSON.parse(readFileSync(result, 'utf8')) as Record<string, unknown>;
}

describe('the counting of tests', () => {
  it('counts each test once, and keeps the reason of a skip and what a test leaves as evidence', () => {
    const counted = count({
      'a.test.mjs': `
        it('passes', ({ task }) => { task.meta.evidence = { cases: 7 }; expect(1).toBe(1); });
        describe('inside', () => { it('fails', () => expect(1).toBe(2)); });
        it('skips', (test) => test.skip('no browser here'));`,
      'b.test.mjs': `it('passes too', () => {});`,
    });
    expect(counted).toEqual({
      passed: 2,
      failed: 1,
      skipped: 1,
      failures: ['a.test.mjs › inside > fails'],
      skips: [{ test: 'a.test.mjs › skips', reason: 'no browser here' }],
      evidence: [{ test: 'a.test.mjs › passes', cases: 7 }],
    });
  });

  it('counts a file that does not load as a failure', () => {
    const counted = count({ 'broken.test.mjs': `import './gone.mjs';`, 'fine.test.mjs': `it('passes', () => {});` });
    expect(counted).toMatchObject({ passed: 1, failed: 1 });
    expect(String(counted['failures'])).toContain('broken.test.mjs');
  });

  it('counts an error outside of every test, and one in a hook, as failures', () => {
    const counted = count({
      'loose.test.mjs': `it('passes', () => { setTimeout(() => { throw new Error('afterwards'); }, 0); return new Promise((done) => setTimeout(done, 50)); });`,
    });
    expect(counted).toMatchObject({ passed: 1, failed: 1 });
    expect(String(counted['failures'])).toContain('afterwards');
  });
});
