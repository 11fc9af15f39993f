import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHROMIUM, lacks, NO_CHROMIUM } from './support/chromium.js';
import { openNorthlake, PLACES, settled, type NorthlakeConsole } from './support/northlake-console.js';

/** The long form looks at every rule in both themes and at every width. */
const LONG = process.env['LONG'] === '1';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe finds wrong, a readable line each, once no color is on its way to another. The page's policy lets no script tag
 * in, so it is evaluated. In another theme nothing but colors is another: `only` asks for one rule. */
async function faults(page: Page, only?: string): Promise<string> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(`${axe};0`);
  await page.evaluate(showWhole);
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity);
    return Promise.allSettled(ending.map(({ finished }) => finished)).then(() => undefined);
  });
  return page.evaluate(
    async ([rules, rule]) => {
      const { axe: tool } = globalThis as unknown as { axe: { run(on: Document, how: object): Promise<Result> } };
      const how = rule === undefined ? { runOnly: rules } : { runOnly: { type: 'rule', values: [rule] } };
      const { violations } = await tool.run(document, { ...how, resultTypes: ['violations'] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)).join('\n');
    },
    [RULES, only] as const,
  );
}
interface Result {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** To be run in the page: rows beyond the window, which the browser leaves in the colors of a former theme until they are
 * scrolled to, are styled like those in it. */
function showWhole(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { content-visibility: visible !important; }');
  document.adoptedStyleSheets = [sheet];
}

/** Holds once the page has been laid out anew; what is drawn by its own width is drawn a frame or more after that. */
const fitsItsWindow = (page: Page, what: string) =>
  expect
    .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), {
      message: what,
      timeout: 5_000,
    })
    .toBeLessThanOrEqual(0);

/** Cells that are drawn over the text of the next one. */
const spills = (page: Page) =>
  page.evaluate(() => {
    const textOf = (cell: Element) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getBoundingClientRect();
    };
    return [...document.querySelectorAll('th, td')].flatMap((cell) => {
      const next = cell.nextElementSibling;
      if (next === null || next.textContent === '' || getComputedStyle(cell).overflow !== 'visible') return [];
      const [{ top, bottom, left }, own] = [textOf(next), cell.getBoundingClientRect()];
      if (left <= own.left || top >= own.bottom || bottom <= own.top) return [];
      const isOver = [...cell.children].some((part) => part.getBoundingClientRect().right > left + 1);
      return isOver ? [cell.textContent] : [];
    });
  });

describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('every page (needs Chromium)', () => {
  let northlake: NorthlakeConsole;
  beforeAll(async () => {
    northlake = await openNorthlake();
  });
  afterAll(() => northlake.close());

  const goTo = async (place: string) => {
    if (place === 'connect') {
      await northlake.page.goto(`chrome-extension://${northlake.browser.id}/console.html#/connect`);
      await settled(northlake.page);
    } else await northlake.go(place);
  };

  // One load for each place; a theme and a language are turned in the open page, as a reader turns them.
  test.each(Object.entries(PLACES))(
    '%s has no fault that axe knows in either theme, and never scrolls sideways in either language',
    async (name, place) => {
      const { page } = northlake;
      await page.setViewportSize({ width: 1280, height: 900 });
      await northlake.choose({ theme: 'light', language: 'en' });
      await goTo(place);
      expect(await faults(page), 'light').toBe('');
      await northlake.choose({ theme: 'dark' });
      await page.locator('html[data-theme="dark"]').waitFor();
      expect(await faults(page, LONG ? undefined : 'color-contrast'), 'dark').toBe('');
      for (const language of ['en', 'ja'] as const) {
        await northlake.choose({ language });
        await page.locator(`html[lang="${language}"]`).waitFor();
        for (const width of LONG ? [1920, 1280, 1024, 899, 768, 480, 360, 320] : [1920, 1024, 899, 480, 320]) {
          await page.setViewportSize({ width, height: 900 });
          await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
          await fitsItsWindow(page, `${name} at ${width} px, ${language}`);
          expect(await spills(page), `${name} at ${width} px, ${language}`).toEqual([]);
          const title = page.locator('h1').first();
          const hidden = await title.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
          expect(hidden, `the title of ${name} at ${width} px, ${language}`).toBeLessThanOrEqual(0);
        }
      }
    },
  );

  test('a pool with an open key, an order, a machine with its details, dialogs and the popup have none either', async () => {
    const { page, browser } = northlake;
    await page.setViewportSize({ width: 1280, height: 900 });
    await northlake.choose({ theme: 'light', language: 'en' });
    const inBothThemes = async (shown: Page) => {
      for (const theme of ['light', 'dark'] as const) {
        await northlake.choose({ theme });
        await shown.locator(`html[data-theme="${theme}"]`).waitFor();
        expect(await faults(shown, theme === 'light' || LONG ? undefined : 'color-contrast'), theme).toBe('');
      }
    };
    await northlake.go('pools');
    await page.getByRole('link', { name: 'NewCompany1-Pool', exact: true }).click();
    await page.getByRole('button', { name: /Details: NewCompany1-LicenseKey2/ }).click();
    await settled(page);
    await inBothThemes(page);
    await page.setViewportSize({ width: 320, height: 900 });
    const lines = page.locator('.keys > tbody > tr > td > .chip');
    const heights = await lines.evaluateAll((chips) => chips.map((chip) => chip.getBoundingClientRect().height));
    expect(heights).toEqual([20, 20, 20]);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: 'Create New Pool Key' }).click();
    await inBothThemes(page);
    await northlake.go('licenses/orders');
    await page.getByRole('button', { name: 'Details: 1', exact: true }).click();
    await inBothThemes(page);
    await northlake.go('machines');
    await page.getByRole('button', { name: 'kes-cad-07' }).first().click();
    await page.getByText('Similarity', { exact: true }).waitFor();
    await settled(page);
    await inBothThemes(page);
    await page.setViewportSize({ width: 320, height: 900 });
    await fitsItsWindow(page, 'a fork at 320 px');
    await page.getByRole('button', { name: 'License the copy…' }).click();
    await settled(page);
    await inBothThemes(page);
    await fitsItsWindow(page, 'a decision at 320 px');
    await page.setViewportSize({ width: 1280, height: 900 });
    await northlake.go('technicians');
    await page.getByRole('button', { name: /Check out: ITP-3VK8/ }).click();
    await settled(page);
    await inBothThemes(page);
    await northlake.go('pools?tab=poolable');
    await page.getByRole('button', { name: 'Add to Pool' }).first().click();
    await settled(page);
    await inBothThemes(page);
    const popup = await browser.popup();
    await popup.getByText('can back up', { exact: false }).waitFor();
    await inBothThemes(popup);
    await popup.close();
  });

  test('the keyboard reaches everything in reading order, and each focus is seen', async () => {
    const { page } = northlake;
    await page.setViewportSize({ width: 1280, height: 900 });
    await northlake.choose({ language: 'en', theme: 'light' });
    await northlake.go('licenses?type=server');
    const reached: string[] = [];
    // The title has the focus on a new page; begin where a reader of the whole document begins.
    await page.evaluate(() => {
      document.body.tabIndex = -1;
      document.body.focus();
    });
    for (let i = 0; i < 40; i += 1) {
      await page.keyboard.press('Tab');
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const shown = element.matches('input[type="radio"]') ? (element.nextElementSibling as HTMLElement) : element;
        const { outlineStyle, outlineWidth } = getComputedStyle(shown);
        return {
          name: element.getAttribute('aria-label') ?? element.innerText,
          outline: `${outlineStyle} ${outlineWidth}`,
        };
      });
      expect(focus.outline, focus.name).not.toMatch(/^none| 0px$/);
      reached.push(focus.name);
    }
    expect(reached[0]).toBe('Skip to content');
    expect(reached.findIndex((name) => name.startsWith('Pools'))).toBeGreaterThan(0);
    expect(reached).toContain('Number, computer, user…');
    await page.keyboard.press('Escape');
    await page.locator('h1').focus();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('type'))).toBe('search');
  });

  test('forced colors and reduced motion take nothing away', async () => {
    const { page } = northlake;
    await northlake.go('overview');
    const before = await page.locator('main').innerText();
    await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
    expect(await page.locator('main').innerText()).toBe(before);
    const bar = page.locator('.seats .quota-bar rect').nth(1);
    expect(await bar.evaluate((rect) => getComputedStyle(rect).fill)).not.toBe('none');
    await page.emulateMedia({ forcedColors: 'none' });
  });
});
