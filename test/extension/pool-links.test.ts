import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, type Chromium } from './support/chromium.js';
import { openConsole, type OpenConsole } from './support/open-console.js';

// What the overview's to-dos lead to, in a real Chromium against a real authority.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('to-dos in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let page: Page;
  let open: OpenConsole['go'];
  beforeAll(async () => {
    bench = await startBench();
    const license = { id: 'Acme-OEM', type: 'OEM', purchase: 'purchased', cals: { obm: 10 } } as const;
    const licenses = [{ ...license, freeUpgradeUntil: '2026-06-20' }];
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses } });
    const body = { confirmName: 'Acme-OEM' };
    await asPerson(bench, 'poolConvert', { params: { license: 'Acme-OEM' }, body });
    await asPerson(bench, 'poolCreate', { body: { name: 'First', type: 'OEM' } });
    ({ browser, page, go: open } = await openConsole(bench));
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  test('maintenance that ends is told as that, and leads to the pooled license', async () => {
    await open('overview');
    await page.getByText('Maintenance of Acme-OEM').waitFor({ timeout: 5000 });
    await page.getByRole('link', { name: 'See the license' }).click();
    await page.getByRole('rowheader', { name: 'Acme-OEM' }).waitFor();
  });

  test('Create Pool Key opens the form in the one pool, and after one of several was chosen', async () => {
    const form = page.getByRole('dialog', { name: 'Create New Pool Key' });
    await open('pools?create=key');
    await form.waitFor({ timeout: 5000 });
    await page.keyboard.press('Escape');
    await asPerson(bench, 'poolCreate', { body: { name: 'Second', type: 'OEM' } });
    await open('pools?create=key');
    await page.getByRole('link', { name: 'Edit: Second' }).click();
    await form.waitFor({ timeout: 5000 });
    await page.getByRole('heading', { level: 1, name: /Second/ }).waitFor();
  });

  test('who may only look is shown no form by a link', async () => {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: 'looker', role: 'viewer', validDays: 1 } });
    await open('connect');
    await connectByClick(page, body.connection);
    await page.getByText('Viewer').waitFor();
    for (const place of ['pools?create=key', 'licenses?buy=any', 'licenses?trial=yes']) {
      await open(place);
      await page.getByRole('navigation').getByText('Live · verified').waitFor();
      expect(await page.getByRole('dialog').count(), place).toBe(0);
    }
  });
});
