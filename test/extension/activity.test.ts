import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';

const AT_ONCE = 1000;
const IMPORTS = 12;
/** Short entries before them: more than a page. */
const SHORT = 120;

describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('the activity in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  beforeAll(async () => {
    bench = await startBench(Date.now());
    for (let count = 0; count < SHORT; count += 1)
      await asPerson(bench, 'companyCreate', { body: { name: `Company ${count}` } });
    for (let count = 0; count < IMPORTS; count += 1) {
      const lines = Array.from({ length: AT_ONCE }, (_each, n) => `SV-${count}-${n},server,2099-12-31`);
      const csv = ['id,type,validUntil', ...lines].join('\n');
      expect((await asPerson(bench, 'licensesImport', { body: { csv } })).status).toBe(200);
    }
    browser = await startChromium((await buildForTest()).chromium);
    await browser.allowHost(bench.authority.url);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  test('entries of a thousand licenses each come newest first, a page of them at once, and the older ones on demand', async () => {
    const page = await browser.page();
    await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.goto(`chrome-extension://${browser.id}/console.html#/activity`);
    const { seq } = (await asPerson(bench, 'me')).body;
    const numbers = page.locator('.entries tbody tr td:first-child');
    await numbers.first().waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    const shown = (await numbers.allTextContents()).map(Number);
    expect(shown[0]).toBe(seq);
    expect(shown.length).toBeGreaterThan(IMPORTS);
    expect(shown.length).toBeLessThan(SHORT);
    const first = page.getByText('the account was created');
    while ((await first.count()) === 0) {
      const before = await numbers.count();
      await page.getByRole('button', { name: 'Show older entries' }).click();
      await numbers.nth(before).waitFor();
    }
    const all = (await numbers.allTextContents()).map(Number);
    expect(all).toEqual(Array.from({ length: seq }, (_, index) => seq - index));
    expect(await page.getByRole('button', { name: 'Show older entries' }).count()).toBe(0);
  });
});
