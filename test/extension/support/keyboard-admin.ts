import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { startBench, type Bench } from '../../support/authority.js';
import { buildForTest } from './build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './chromium.js';

/** A loaded machine takes its time. */
export const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

/** Describes what an admin does with the keyboard alone, in a real Chromium against a real authority. He is connected before
 * the first test. */
export function describeByKeyboard(what: string, tests: (admin: KeyboardAdmin) => void): void {
  describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))(`${what} in Chromium (needs Chromium)`, () => {
    const admin = new KeyboardAdmin();
    beforeAll(() => admin.start());
    afterAll(() => admin.close());
    tests(admin);
  });
}

/** An admin with the keyboard alone, in a real Chromium that is connected to a real authority. */
export class KeyboardAdmin {
  bench!: Bench;
  browser!: Chromium;
  page!: Page;

  async start(): Promise<void> {
    this.bench = await startBench(Date.parse('2026-11-23T14:14:00Z'));
    this.browser = await startChromium((await buildForTest()).chromium);
    await this.browser.allowHost(this.bench.authority.url);
    this.browser.context.setDefaultTimeout(20_000);
    this.page = await this.browser.page();
    await connectByClick(this.page, this.bench.authority.connectionFor(this.bench.ownerToken));
    await this.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  }

  async close(): Promise<void> {
    await this.browser?.close();
    await this.bench?.close();
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
