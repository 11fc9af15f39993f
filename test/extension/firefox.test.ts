import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GECKO_ID } from '../../extension/manifest.mjs';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { lacks } from './support/chromium.js';

const FIREFOX = [process.env['LEASEHOLD_FIREFOX'], '/usr/bin/firefox-esr'].find((path) => path && existsSync(path));
const NO_FIREFOX = 'Firefox was not found: install it (Debian: firefox-esr) or set LEASEHOLD_FIREFOX';
/** The address of an extension is random in each profile; this setting fixes it. */
const UUID = '6b1f2a9e-0c34-4f5d-9a11-5c1ea5e401d0';

describe.skipIf(lacks(FIREFOX, NO_FIREFOX))('the console in Firefox', () => {
  let bench: Bench;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    const { firefox } = await buildForTest();
    bench = await startBench(Date.now());
    browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: FIREFOX!,
      defaultViewport: { width: 1280, height: 900 },
      headless: true,
      args: ['--remote-allow-system-access'],
      extraPrefsFirefox: {
        'extensions.webextensions.uuids': JSON.stringify({ [GECKO_ID]: UUID }),
        // A permission that a click asked for is granted; no headless browser can press the prompt.
        'extensions.webextOptionalPermissionPrompts': false,
        'intl.accept_languages': 'en-US',
      },
    });
    await browser.installExtension(firefox);
    page = await open('console.html');
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  async function open(file: string): Promise<Page> {
    const opened = await browser.newPage();
    await opened.goto(`moz-extension://${UUID}/${file}`, { waitUntil: [] });
    return opened;
  }

  const text = (on: Page) => on.evaluate(() => document.body.innerText);
  async function says(on: Page, wanted: string, within = 10_000): Promise<void> {
    const end = Date.now() + within;
    while (!(await text(on)).includes(wanted)) {
      if (Date.now() > end) throw new Error(`"${wanted}" never came; the page says: ${(await text(on)).slice(0, 600)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  const activate = async (label: string) => {
    const { licenseKey } = await newLicense(bench);
    await (await Agent.on(bench, label)).activate(licenseKey);
  };

  test('connects by one pasted string and one click', async () => {
    await page.waitForSelector('textarea');
    await page.type('textarea', bench.authority.connectionFor(bench.ownerToken));
    await page.click('button[type="submit"]');
    await says(page, 'No machine is activated yet');
    await says(page, 'Live · verified');
  });

  test('shows a change at the authority within a second, verified', async () => {
    await activate('firefox-machine');
    await says(page, '1 of 1 machines can back up', 1000);
    await says(page, 'firefox-machine activated', 1000);
    await says(page, 'Live · verified');
  });

  test('shows licenses and pools', async () => {
    const cals = { obm: 10, acb: 10 };
    const license = { id: 'OEM-1', type: 'OEM', purchase: 'purchased', cals, freeUpgradeUntil: '2099-01-01' } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [license] } });
    await page.evaluate(() => (location.hash = '#/pools?tab=poolable'));
    await says(page, 'OEM-1');
    await says(page, 'Add to Pool');
    await page.evaluate(() => (location.hash = '#/licenses'));
    await says(page, 'You have not purchased licenses of this type');
  });

  test('the popup shows the same, by way of the event page', async () => {
    const popup = await open('popup.html');
    await says(popup, '1 of 1 can back up');
    await says(popup, 'Live · verified');
    expect(await text(popup)).toContain('Restores are open on all 1');
    await popup.close();
  });
});
