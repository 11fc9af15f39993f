import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, lacks, NO_CHROMIUM } from './support/chromium.js';
import { openNorthlake, type NorthlakeConsole } from './support/northlake-console.js';

/** Each flow that a dialog begins: where it is, and what begins it. */
const FLOWS: readonly (readonly [place: string, starts: RegExp])[] = [
  ['licenses?type=server', /^Buy New Licenses$/],
  ['licenses/grants', /^Give down…$/],
  ['licenses/grants', /^Take back…/],
  ['pools?tab=poolable', /^Add to Pool/],
  ['pools?tab=pooled', /^Renew…/],
  ['pools?tab=manage', /Create New License Pool$/],
  ['technicians', /^Register a medium$/],
  ['technicians', /^End session…/],
  ['technicians', /^Check out: /],
  ['technicians', /^Reassign: /],
  ['technicians', /^Make one-time code…/],
  ['settings', /^Disconnect…$/],
];
const MOST_TABS = 120;

// Nothing here is clicked, focused or started by script: keys alone, as a reader without a mouse presses them.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('every dialog by keys alone (needs Chromium)', () => {
  let northlake: NorthlakeConsole;
  let page: Page;
  beforeAll(async () => {
    northlake = await openNorthlake();
    ({ page } = northlake);
  });
  afterAll(() => northlake.close());

  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const shown = element.matches('input[type="radio"]') ? (element.nextElementSibling as HTMLElement) : element;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      return {
        name: (element.getAttribute('aria-label') ?? element.innerText).trim(),
        isSeen: outlineStyle !== 'none' && outlineWidth !== '0px',
        isInside: element.closest('dialog') !== null,
      };
    });
  /** Goes on by Tab until the focus is on what is called so, and never beyond: from the last element of a dialog the focus
   * goes to the browser, and comes back from there some time after the key is done, also where the dialog is gone. */
  const tabTo = async (name: RegExp) => {
    for (let i = 0; i < MOST_TABS; i += 1) {
      const now = await focused();
      if (name.test(now.name)) return now;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${name}`);
  };
  /** Presses the key on what has the focus. A key that came to nothing is pressed again, as a reader would; never one that
   * went elsewhere: the focus has to be where it was. */
  const openBy = async (key: string, name: string) => {
    const isOpen = () => page.getByRole('dialog').isVisible();
    for (let i = 0; i < 3 && !(await isOpen()); i += 1) {
      expect((await focused()).name).toBe(name);
      await page.keyboard.press(key);
      await page
        .getByRole('dialog')
        .waitFor({ timeout: 8_000 })
        .catch(() => undefined);
    }
    expect(await isOpen(), `${key} on ${name}`).toBe(true);
  };
  const closed = () => page.getByRole('dialog').waitFor({ state: 'detached' });

  test.each(FLOWS)('%s: %s', async (place, starts) => {
    await northlake.go(place);
    const begun = await tabTo(starts);
    expect(begun.isSeen, 'the focus is seen').toBe(true);
    // By Enter and Escape, then by Space and the dialog's own way out: the focus is back where it came from.
    for (const [open, leave] of [
      ['Enter', () => page.keyboard.press('Escape')],
      ['Space', () => tabTo(/^Cancel$/).then(() => page.keyboard.press('Enter'))],
    ] as const) {
      await openBy(open, begun.name);
      await expect.poll(async () => (await focused()).isInside, { timeout: 5000 }).toBe(true);
      await leave();
      await closed();
      await expect.poll(async () => (await focused()).name, { timeout: 5000 }).toBe(begun.name);
    }
  });
});
