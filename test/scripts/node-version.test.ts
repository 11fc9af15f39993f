import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { isOlder, NEEDED, nodeProblem } from '../../scripts/node-version.mjs';

describe('the check for an old Node', () => {
  it.each(['v18.20.8', 'v20.9.0', '20.18.0'])('%s is refused with what is needed and how to get it', (version) => {
    const problem = nodeProblem(version);
    expect(problem).toContain('NODE_TOO_OLD');
    expect(problem).toContain(NEEDED);
    expect(problem).toContain('https://nodejs.org');
  });

  it.each(['v20.18.1', 'v20.100.0', 'v22.0.0', 'v26.1.0'])('%s is new enough', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it('compares by number, not by text', () => {
    expect(isOlder('20.9.0', '20.18.1')).toBe(true);
    expect(isOlder('20.18.1', '20.9.0')).toBe(false);
  });

  // The version is set from outside here; that the scripts load at all on old lines was seen with Node 16 and 18.
  it.each(['start', 'test', 'check', 'build', 'bench'])('stops npm run %s before it does anything', (name) => {
    const script = pathToFileURL(join(import.meta.dirname, `../../scripts/${name}.mjs`)).href;
    const program = `Object.defineProperty(process, 'version', { value: 'v18.20.8' }); await import('${script}');`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain('NODE_TOO_OLD: this is Node 18.20.8');
  });

  it('asks for what package.json promises', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe(`>=${NEEDED}`);
  });
});
