import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { citations } from '@leasehold/terms';
import { startBench, type Bench } from '../support/authority.js';
import { FIELD_RULES } from '../support/rules/field.js';
import { INSTANCE_RULES } from '../support/rules/instances.js';
import { POOL_RULES } from '../support/rules/pools.js';
import type { Proof } from '../support/rules/proof.js';

/** Rules whose actions are the authority's: licenses of instances, pools, and what sites do to them. */
const OWN = /^(MSP|LMP|F)-/;
const PROOFS: Readonly<Record<string, Proof>> = { ...INSTANCE_RULES, ...POOL_RULES, ...FIELD_RULES };
const entries = Object.entries(PROOFS);

test('every rule of these documents is in the table, and nothing else', () => {
  const rules = [...citations.keys()].filter((id) => OWN.test(id));
  expect(rules.length).toBeGreaterThan(70);
  expect(Object.keys(PROOFS).sort()).toEqual(rules.sort());
});

test('a test that the table names is there, and speaks HTTP', () => {
  for (const [rule, proof] of entries) {
    if (!('file' in proof)) continue;
    const text = readFileSync(join(import.meta.dirname, '..', proof.file), 'utf8');
    expect(text.includes(proof.test), `${rule}: ${proof.file} has no test "${proof.test}"`).toBe(true);
    expect(text, `${rule}: ${proof.file}`).toMatch(/support\/(authority|pool)/);
  }
});

test('a rule that repeats another names one that is proven', () => {
  for (const [rule, proof] of entries)
    if ('same' in proof)
      expect(PROOFS[proof.same], rule).toSatisfy((one: Proof) => one !== undefined && !('same' in one));
});

describe('through HTTP', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.close());

  const own = entries.flatMap(([rule, proof]) => ('http' in proof ? [[rule, proof.http] as const] : []));
  test.each(own)('%s', (_rule, run) => run(bench));
});
