import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';
import { newProfile } from './support/native-host.js';

/** What an authority that means harm would write where a name belongs. */
const HOSTILE = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('states of the console in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let folder: string;
  let browser: Chromium;
  const { profile, remove } = newProfile();
  beforeAll(async () => {
    folder = (await buildForTest()).chromium;
    bench = await startBench(Date.now());
    browser = await startChromium(folder, { profile });
    await browser.allowHost(bench.authority.url);
    const page = await browser.page();
    await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
    await live(page);
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
    remove();
  });

  const live = (page: Page) => page.getByRole('navigation').getByText('Live · verified').waitFor();

  test('script in names is text: in every page, in the popup, in the title', async () => {
    const company = await asPerson(bench, 'companyCreate', { body: { name: HOSTILE } });
    expect(company.status).toBe(200);
    const license = {
      id: HOSTILE.slice(0, 120),
      profile: 'msp',
      type: HOSTILE.slice(0, 120),
      kind: 'commercial',
    } as const;
    const more = {
      term: 'subscription',
      companyId: company.body.id!,
      seats: 1,
      validUntil: '2030-05-05',
      autoRenew: false,
    };
    await asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...license, ...more, term: 'subscription' }] } });
    const page = await browser.page();
    for (const place of ['overview', 'licenses', 'pools', 'machines', 'technicians', 'plan', 'activity', 'settings']) {
      await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
      await page.reload();
      await live(page);
      expect(await page.title(), place).not.toContain('taken');
      expect(await page.locator('img').count(), place).toBe(0);
      expect(await page.locator('main script').count(), place).toBe(0);
    }
    await page.goto(`chrome-extension://${browser.id}/console.html#/activity`);
    await page.getByText('<img src=x', { exact: false }).first().waitFor();
    const popup = await browser.popup();
    expect(await popup.locator('img').count()).toBe(0);
    await popup.close();
    await page.close();
  });

  test('a browser that was started again is connected, verified from where it was, with the reader’s choices', async () => {
    const before = await browser.page('#/settings');
    await before.getByRole('radio', { name: '日本語' }).check();
    await before.getByText('設定', { exact: true }).first().waitFor();
    await browser.close();
    await asPerson(bench, 'companyCreate', { body: { name: 'Made meanwhile' } });
    browser = await startChromium(folder, { profile });
    const page = await browser.page('#/activity');
    await page.getByRole('navigation').getByText('接続中 · 検証済み').waitFor();
    await page.getByText('Made meanwhile', { exact: false }).first().waitFor();
    await page.goto(`chrome-extension://${browser.id}/console.html#/settings`);
    await page.getByRole('radio', { name: 'English' }).check();
    await page.close();
  });

  test('an authority that was started again is live again by itself, on the page that was open', async () => {
    const page = await browser.page('#/activity');
    await live(page);
    await bench.restart(Number(new URL(bench.authority.url).port));
    await live(page);
    await asPerson(bench, 'companyCreate', { body: { name: 'After the restart' } });
    await page.getByText('After the restart', { exact: false }).first().waitFor();
    await page.close();
  });
});
