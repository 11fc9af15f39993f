import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogs, citations } from '@leasehold/terms';
import { expect, it } from 'vitest';
import { rowsOf } from '../support/terms-rows.js';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/rules.md'), 'utf8');

it('docs/rules.md is what the catalogs and the texts say', () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts/rules-page.mjs'), '--check'], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

it('has every rule of every catalog', () => {
  const ids = [...citations.keys(), ...Object.values(catalogs).flatMap((one) => rowsOf(one).map(({ id }) => id))];
  expect(ids.filter((id) => !page.includes(`| **${id}** |`))).toEqual([]);
});

it('has the 41 picks and every switch of a policy', () => {
  const picks = [...page.matchAll(/^\| A-(\d\d) \|/gm)].map(([, number]) => Number(number));
  expect(picks).toEqual(Array.from({ length: 41 }, (_, n) => n + 1));
  for (const field of ['overuse', ...Object.keys(catalogs.generic.policy)]) expect(page).toContain(`| \`${field}\` |`);
});
