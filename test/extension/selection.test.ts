import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { CHROMIUM, lacks, NO_CHROMIUM, type Chromium } from './support/chromium.js';
import { openConsole, type OpenConsole } from './support/open-console.js';
import { LICENSE } from './support/server-licenses.js';

// Many licenses and many companies, in a real Chromium against a real authority. The account's days are those of Auckland.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('a selection in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let page: Page;
  let go: OpenConsole['go'];
  beforeAll(async () => {
    bench = await startBench(Date.parse('2026-11-23T14:14:00Z'), { timeZone: 'Pacific/Auckland' });
    const some = (type: string, count: number) =>
      Array.from({ length: count }, (_, n) => ({ ...LICENSE, type, id: `${type}-${String(n).padStart(3, '0')}` }));
    for (const licenses of [some('server', 300), some('desktop', 300), some('sql_server', 3)])
      await asPerson(bench, 'licensesCreate', { body: { licenses } });
    ({ browser, page, go } = await openConsole(bench));
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  const open = async (place: string) => {
    await go(place);
    await page.getByText('SQL Server (3)').waitFor();
  };
  const bar = () => page.getByRole('region');
  const row = (id: string) =>
    page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: `Select ${id}` }) });

  test('outlives a dialog that was canceled, and goes with what was done', async () => {
    await open('licenses?type=sql_server');
    for (const n of [0, 1]) await page.getByRole('checkbox', { name: `Select sql_server-00${n}` }).check();
    for (const leave of ['Escape', 'Cancel']) {
      await bar().getByRole('button', { name: 'Revoke license…' }).click();
      if (leave === 'Cancel') await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
      else await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await bar().getByText('2 selected').waitFor({ timeout: 3000 });
    }
    await bar().getByRole('button', { name: 'Revoke license…' }).click();
    // Nobody's backups stop with what nobody uses.
    await page.getByRole('dialog').getByText('sql_server-000: Unused').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke 2 licenses' }).click();
    await page.getByText('2 licenses changed').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 licenses changed').waitFor({ state: 'detached' });
  });

  test('says how many were changed, not how many were so before', async () => {
    await open('licenses?type=sql_server');
    await page.getByRole('switch', { name: 'Auto-Renewal of sql_server-000' }).click();
    await page.getByRole('switch', { name: 'Auto-Renewal of sql_server-000', checked: true }).waitFor();
    for (const n of [0, 1, 2]) await page.getByRole('checkbox', { name: `Select sql_server-00${n}` }).check();
    await page.getByRole('button', { name: 'Auto-Renewal on' }).click();
    await page.getByText('2 licenses changed').waitFor({ timeout: 3000 });
    await page.locator('button:focus', { hasText: 'Undo' }).waitFor({ timeout: 3000 });
  });

  test('is assigned to a computer by the name that people know it by', async () => {
    const { licenseKey } = await newLicense(bench, { ...LICENSE, type: 'workstation', id: 'WS-1' });
    await (await Agent.on(bench, machine('PC-Reception', { os: 'windows_server' }))).activate(licenseKey);
    await open('licenses?type=sql_server');
    await page.getByRole('checkbox', { name: 'Select sql_server-002' }).check();
    await bar().getByRole('button', { name: 'Assign…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Computer or domain').fill('PC-Reception');
    await dialog
      .getByText('MSP-12')
      .or(dialog.getByRole('button', { name: 'Assign sql_server-002', disabled: false }))
      .first()
      .waitFor({ timeout: 3000 });
    await dialog.getByRole('radio', { name: 'A domain' }).check();
    await dialog.getByLabel('Computer or domain').fill('corp.example');
    await dialog.getByRole('button', { name: 'Assign sql_server-002', disabled: false }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('sql_server-002').getByText('corp.example').waitFor();
    expect(await page.getByRole('checkbox', { name: 'Select sql_server-002' }).isChecked()).toBe(false);
  });

  test('that was withdrawn is not offered to be assigned', async () => {
    await asPerson(bench, 'licenseRevoke', { params: { license: 'sql_server-001' }, body: {} });
    await open('licenses?type=sql_server');
    await page.getByRole('checkbox', { name: 'Select sql_server-001' }).check();
    await bar().getByRole('button', { name: 'Reinstate' }).waitFor();
    expect(await bar().getByRole('button', { name: 'Assign…' }).count()).toBe(0);
    await asPerson(bench, 'licenseReinstate', { params: { license: 'sql_server-001' }, body: {} });
  });

  test('of more than one act takes says so, in place of acts that are refused', async () => {
    await open('licenses');
    for (const type of ['Server', 'Desktop'])
      await page.getByRole('checkbox', { name: `Select all 300: ${type}` }).click();
    await bar().getByText('600 selected').first().waitFor();
    await bar().getByText('At most 500 at once').waitFor({ timeout: 3000 });
    expect(await bar().getByRole('button', { name: 'Auto-Renewal on' }).count()).toBe(0);
  });

  test('the last day is the one that the account says, also east of the date line', async () => {
    await open('licenses?type=sql_server');
    const until = row('sql_server-001').locator('.col-until time');
    expect(await until.innerText()).toBe('May 5, 2027');
    expect(await until.getAttribute('title')).toBe('Wednesday, May 5, 2027');
  });

  test('a saved file is UTF-8 for a spreadsheet too', async () => {
    await open('licenses?search=sql_server-00');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const { readFileSync } = await import('node:fs');
    expect([...readFileSync(await (await saving).path()).subarray(0, 4)]).toEqual([
      0xef,
      0xbb,
      0xbf,
      'i'.charCodeAt(0),
    ]);
  });

  test('the filter has every company, by name, however many there are', async () => {
    const names = Array.from({ length: 620 }, (_, n) => `Company ${String(620 - n).padStart(3, '0')}`);
    for (const name of names) await asPerson(bench, 'companyCreate', { body: { name } });
    await open('licenses');
    const options = page.getByRole('combobox', { name: 'Company' }).locator('option');
    await expect.poll(() => options.count(), { timeout: 5000 }).toBe(621);
    expect((await options.allInnerTexts()).slice(1).map((text) => text.slice(0, 11))).toEqual(names.toReversed());
  });
});
