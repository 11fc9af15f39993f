import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench } from '../support/authority.js';
import { cleanUp, temporaryFolder } from '../support/sdk-fixture.js';
import { typed } from './typed.js';

test('columns stand below each other, however wide the letters of a name are', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const connection = join(temporaryFolder(), 'connection');
  const { url } = bench.authority;
  writeFileSync(connection, formatConnection({ url, roots: [bench.rootJwk.x], token: bench.ownerToken }));
  for (const name of ['東京支社', 'ﾄｳｷｮｳ', 'East', 'Zürich', 'プロ😀']) {
    await asPerson(bench, 'companyCreate', { body: { id: `id of ${name}`, name } });
  }
  const { out } = await typed('admin', 'companies', '--connection', connection);
  const rows = out.split('\n').filter((line) => line.includes('id of'));
  // Of these letters each but ﾄｳｷｮｳ and the Latin ones takes two cells of a terminal.
  const cells = rows.map((row) => row.slice(0, row.lastIndexOf('  ')).replaceAll(/[東京支社プロ]|😀/gu, '--').length);
  expect(new Set(cells).size).toBe(1);
});

test('a name never moves the cursor of the terminal that shows it, and stays in its line', async () => {
  const bench = await startBench();
  cleanUp(() => bench.close());
  const connection = join(temporaryFolder(), 'connection');
  const { url } = bench.authority;
  writeFileSync(connection, formatConnection({ url, roots: [bench.rootJwk.x], token: bench.ownerToken }));
  const admin = (...words: string[]) => typed('admin', ...words, '--connection', connection);
  await asPerson(bench, 'companyCreate', { body: { name: 'two\nlines 会社' } });
  const agent = await Agent.on(bench, 'evil\u001b[2J\u009b1A\u202egpj');
  await agent.activate((await newLicense(bench)).licenseKey);
  expect((await admin('companies')).out).toContain('two\\u{a}lines 会社');
  const { out } = await admin('machines');
  expect(out).toContain('evil\\u{1b}[2J\\u{9b}1A\\u{202e}gpj');
  for (const hidden of ['\u001b', '\u009b', '\u202e']) expect(out).not.toContain(hidden);
  const { err } = await admin('company', 'rename', 'no\u001b[31mne', '--name', 'x');
  expect(err).toContain('NOT_FOUND');
  expect(err).not.toContain('\u001b');
  const given = (await admin('companies', '--json')).out;
  expect((JSON.parse(given) as { rows: { name: string }[] }).rows[0]!.name).toBe('two\nlines 会社');
});
