import type { Page } from 'playwright-core';
import type { Bench } from '../../support/authority.js';
import { buildForTest } from './build.js';
import { connectByClick, startChromium, type Chromium } from './chromium.js';

export interface OpenConsole {
  readonly browser: Chromium;
  readonly page: Page;
  /** Goes to a place of the console, as a fresh document: nothing of the place before stays open. */
  readonly go: (place: string) => Promise<void>;
}

/** The console in a browser of its own, connected as the owner, with its overview open. */
export async function openConsole(bench: Bench): Promise<OpenConsole> {
  const browser = await startChromium((await buildForTest()).chromium);
  await browser.allowHost(bench.authority.url);
  const page = await browser.page();
  await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const go = async (place: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
  };
  return { browser, page, go };
}
