import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typed } from './typed.js';

const EXAMPLES = join(import.meta.dirname, '../../docs/examples');
const MACHINES = join(EXAMPLES, 'catalog-machines.json');

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'leasehold-catalog-'))));
afterAll(() => rmSync(folder, { recursive: true }));

interface Sent {
  engine: number;
  rules: Record<string, { kind?: string; code?: unknown }[]>;
  editions: { byOs: Record<string, string> };
}

/** The example with a change, as a file. */
function changed(change: (catalog: Sent) => void): string {
  const catalog = JSON.parse(readFileSync(MACHINES, 'utf8')) as Sent;
  change(catalog);
  const file = join(folder, 'catalog.json');
  writeFileSync(file, JSON.stringify(catalog));
  return file;
}

const twoMistakes = (catalog: Sent): void => {
  catalog.editions.byOs['windows'] = 'rack';
  catalog.rules['backup']![2]!.kind = 'share.forbidden';
};

describe('leasehold catalog check FILE', () => {
  it('says that a catalog can be used, and what it is', async () => {
    const { status, out } = await typed('catalog', 'check', MACHINES);
    expect(status).toBe(0);
    expect(out).toContain('can be used: fernhill-machines 2027.1, profile aip, engine 1.');
    expect(out).toContain('texts in en, ja');
    const { out: json } = await typed('catalog', 'check', MACHINES, '--json');
    expect(JSON.parse(json)).toMatchObject({
      valid: true,
      id: 'fernhill-machines',
      languages: ['en', 'ja'],
      problems: [],
    });
  });

  it('names everything that is wrong and where', async () => {
    const file = changed(twoMistakes);
    const { status, out } = await typed('catalog', 'check', file);
    expect(status).toBe(2);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(/^CATALOG_INVALID: catalog\.editions\.byOs\.windows is unknown/),
      expect.stringMatching(/^CATALOG_INVALID: catalog\.rules\.backup\[2\]\.kind must be one of /),
    ]);
    const { status: same, out: json } = await typed('catalog', 'check', file, '--json');
    expect(same).toBe(2);
    expect(JSON.parse(json)).toMatchObject({
      valid: false,
      problems: [{ path: 'catalog.editions.byOs.windows' }, { path: 'catalog.rules.backup[2].kind' }],
    });
  });

  it('tells a catalog of a later engine from a wrong one', async () => {
    const { status, out } = await typed(
      'catalog',
      'check',
      changed((catalog) => void (catalog.engine = 99)),
    );
    expect({ status, out }).toEqual({ status: 2, out: 'CATALOG_TOO_NEW: catalog.engine needs engine 99, this is 1' });
  });

  it.each(['[]', '7', 'null', '{}'])('refuses %s', async (content) => {
    const file = join(folder, 'odd.json');
    writeFileSync(file, content);
    const { status, out } = await typed('catalog', 'check', file);
    expect(status).toBe(2);
    expect(out).toMatch(/^CATALOG_INVALID: catalog/);
  });

  it('refuses a file that is no JSON, or is not there', async () => {
    const file = join(folder, 'half.json');
    writeFileSync(file, '{"id":');
    expect(await typed('catalog', 'check', file)).toMatchObject({
      status: 2,
      err: expect.stringContaining('is no JSON'),
    });
    expect(await typed('catalog', 'check', join(folder, 'gone.json'))).toMatchObject({ status: 2 });
  });
});

describe.each(['decide', 'advise'])('leasehold %s FILE --catalog CATALOG', (verb) => {
  const cases = join(EXAMPLES, 'cases-machines.json');

  it('judges by the vendor’s catalog, in its words', async () => {
    const { status, out } = await typed(verb, cases, '--catalog', MACHINES);
    expect(status).toBe(0);
    const answers = out
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; reason_rule: string; explain: object });
    const right = JSON.parse(readFileSync(cases, 'utf8')) as { id: string; then: { reason_rule: string } }[];
    expect(answers.map(({ id, reason_rule }) => [id, reason_rule])).toEqual(
      right.map(({ id, then }) => [id, then.reason_rule]),
    );
    expect(answers[2]!.explain).toMatchObject({ sentence: 'This machine has no license.' });
  });

  it('refuses a catalog that cannot be used, and cases of another profile', async () => {
    const { status, err } = await typed(verb, cases, '--catalog', changed(twoMistakes));
    expect(status).toBe(2);
    expect(err).toContain('catalog check');
    const { out } = await typed(verb, cases, '--catalog', join(EXAMPLES, 'catalog-pools.json'));
    expect(JSON.parse(out.split('\n')[0]!)).toMatchObject({ error: { code: 'FACTS_INVALID', path: 'given.profile' } });
  });
});
