import { readFileSync } from 'node:fs';
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

  it('asks for what package.json promises', () => {
    expect(JSON.parse(readFileSync('package.json', 'utf8')).engines.node).toBe(`>=${NEEDED}`);
  });
});
