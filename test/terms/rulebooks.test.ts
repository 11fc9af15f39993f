import { readdirSync, readFileSync } from 'node:fs';
import * as terms from '@leasehold/terms';
import { aip } from '@leasehold/terms/aip';
import * as engine from '@leasehold/terms/engine';
import { lmp } from '@leasehold/terms/lmp';
import { msp } from '@leasehold/terms/msp';
import { describe, expect, test } from 'vitest';

/** Who embeds one product takes the engine and that product's rulebook: it must decide as the whole package does. */

const folder = new URL('../cases/', import.meta.url);
const cases = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as unknown[])
  .map((one) => terms.readCase(one));

describe.each([
  ['aip', aip],
  ['msp', msp],
  ['lmp', lmp],
] as const)('the rulebook %s', (profile, rulebook) => {
  const own = cases.filter(({ facts }) => facts.profile === profile);

  test('decides and compiles every case of its profile', () => {
    expect(own.length).toBeGreaterThan(100);
    for (const { facts, request } of own) {
      const right = terms.decide(facts, request);
      expect(engine.decide(facts, request, rulebook)).toEqual(right);
      expect(engine.compile(facts, rulebook).bind(request).decide(Date.parse(facts.now))).toEqual(right);
    }
  });
});

test('a row of a kind that the profile does not have is no row to be passed over', () => {
  const [{ facts, request } = expect.fail()] = cases.filter((one) => one.request.action === 'backup');
  const foreign = { id: 'X-1', kind: 'pool.totals', kinds: [] } as const;
  const catalog = { ...aip.catalog, rules: { ...aip.catalog.rules, backup: [foreign] } };
  expect(() => engine.decide({ ...facts, profile: 'aip' }, request, { ...aip, catalog })).toThrow(
    expect.objectContaining({ code: 'CATALOG_INVALID' }),
  );
});
