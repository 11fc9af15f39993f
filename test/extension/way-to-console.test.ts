import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';

/** What these tests ask of the browser. */
interface Browser {
  readonly runtime: { getContexts(asked: object): Promise<{ documentUrl: string }[]> };
  readonly notifications: { onClicked: { dispatch(id: string): void } };
}

// Two authorities and one console, in a real Chromium.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('the way to the console in Chromium (needs Chromium)', () => {
  const benches: Bench[] = [];
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    const folder = (await buildForTest()).chromium;
    // No headless browser is asked for a permission: here it has that of notifications from the start.
    const manifest = join(folder, 'manifest.json');
    const { permissions, ...more } = JSON.parse(readFileSync(manifest, 'utf8')) as { permissions: string[] };
    writeFileSync(manifest, JSON.stringify({ ...more, permissions: [...permissions, 'notifications'] }));
    browser = await startChromium(folder);
    for (const [account, name] of [
      ['north', 'North Ltd'],
      ['south', 'South Ltd'],
    ] as const) {
      const bench = await startBench(Date.now(), { account, name });
      benches.push(bench);
      await browser.allowHost(bench.authority.url);
      page = await browser.page('#/connect');
      await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
      await page.getByRole('button', { name }).waitFor();
      if (account === 'north') await page.close();
    }
  });
  afterAll(async () => {
    await browser.close();
    for (const bench of benches) await bench.close();
  });

  const worker = (): Worker => browser.context.serviceWorkers()[0]!;
  const consoles = () =>
    worker().evaluate(async () => {
      const { chrome } = globalThis as unknown as { chrome: Browser };
      const contexts = await chrome.runtime.getContexts({ contextTypes: ['TAB'] });
      return contexts.map(({ documentUrl }) => documentUrl.replace(/.*html/, '')).filter((place) => place !== '');
    });

  test('the popup goes to the console that is open, and opens no second one', async () => {
    await page.goto(page.url().replace(/#.*/, '#/settings'));
    expect(await consoles()).toEqual(['#/settings']);
    const popup = await browser.popup();
    await popup.getByRole('button', { name: 'Open console' }).click();
    await expect.poll(consoles).toEqual(['#/overview']);
  });

  test('a notification opens the connection that it told of', async () => {
    await page.getByRole('button', { name: 'South Ltd' }).waitFor();
    await asPerson(benches[0]!, 'companyCreate', { body: { name: 'Only in the north' } });
    const host = new URL(benches[0]!.authority.url).host;
    await worker().evaluate((id) => {
      const { chrome } = globalThis as unknown as { chrome: Browser };
      chrome.notifications.onClicked.dispatch(id);
    }, `north@${host} stopped-ins_1`);
    await page.getByText('Only in the north').first().waitFor({ timeout: 8000 });
  });
});
