import type { Page } from 'playwright-core';
import type { Bench } from '../../support/authority.js';
import { buildForTest } from './build.js';
import { connectByClick, startChromium, type Chromium } from './chromium.js';

/** The console in a browser of its own, connected as the owner, with its overview open. */
export async function openConsole(bench: Bench): Promise<{ readonly browser: Chromium; readonly page: Page }> {
  const browser = await startChromium((await buildForTest()).chromium);
  await browser.allowHost(bench.authority.url);
  const page = await browser.page();
  await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return { browser, page };
}
