import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { startBench, type Bench } from '../../support/authority.js';
import { buildForTest } from './build.js';
import { connectByClick, startChromium, type Chromium } from './chromium.js';

/** A loaded machine takes its time. */
export const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

/** An admin with the keyboard alone, in a real Chromium that is connected to a real authority. */
export class KeyboardAdmin {
  readonly bench: Bench;
  readonly browser: Chromium;
  readonly page: Page;

  private constructor(bench: Bench, browser: Chromium, page: Page) {
    this.bench = bench;
    this.browser = browser;
    this.page = page;
  }

  static async start(): Promise<KeyboardAdmin> {
    const bench = await startBench(Date.parse('2026-11-23T14:14:00Z'));
    const browser = await startChromium((await buildForTest()).chromium);
    await browser.allowHost(bench.authority.url);
    browser.context.setDefaultTimeout(20_000);
    const page = await browser.page();
    await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    return new KeyboardAdmin(bench, browser, page);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.bench.close();
  }

  async open(place: string): Promise<void> {
    await this.page.goto(`chrome-extension://${this.browser.id}/console.html#/${place}`);
  }

  readonly dialog = (): Locator => this.page.getByRole('dialog');

  readonly press = async (button: Locator): Promise<void> => {
    await button.focus();
    await this.page.keyboard.press('Enter');
  };

  /** Opens a dialog and waits until it has the focus. */
  readonly ask = async (button: Locator): Promise<void> => {
    await this.press(button);
    await this.dialog().waitFor();
  };

  /** Goes on by Tab to the dialog's act, which is open once the authority has answered, and presses it. */
  readonly confirm = async (name: string): Promise<void> => {
    const act = this.dialog().getByRole('button', { name, exact: true });
    const isReached = () => act.evaluate((each) => each === document.activeElement && each.matches(':enabled'));
    await eventually(async () => {
      if (!(await isReached())) await this.page.keyboard.press('Tab');
      return isReached();
    }).toBe(true);
    await this.page.keyboard.press('Enter');
    await this.dialog().waitFor({ state: 'detached' });
  };
}
