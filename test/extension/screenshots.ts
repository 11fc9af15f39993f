import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'vitest';
import { startBench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { connectByClick, startChromium, type Chromium } from './support/chromium.js';
import { agentPictures } from './screenshots-agent.js';
import { forcedColors, largeEstate, motion, offlinePages } from './screenshots-states.js';
import {
  choosePreferences,
  openNorthlake,
  PLACES,
  settled,
  type NorthlakeConsole,
} from './support/northlake-console.js';

const OUT = process.env['LEASEHOLD_SCREENSHOTS'] ?? '.cache/screenshots';
/** Only pictures whose name contains this. */
const ONLY = process.env['LEASEHOLD_SCREENSHOTS_ONLY'] ?? '';
/** Only in looks that contain this: `wide-light-en`. */
const LOOK = process.env['LEASEHOLD_SCREENSHOTS_LOOK'] ?? '';
const WIDTHS = { narrow: 320, wide: 1280 } as const;
const LOOKS = (['light', 'dark'] as const).flatMap((theme) =>
  (['en', 'ja'] as const).flatMap((language) =>
    (['wide', 'narrow'] as const).map((width) => ({ theme, language, width })),
  ),
);
type Look = (typeof LOOKS)[number];

/** The window grows to the page's height first, so that what is fixed to its edges stands where a reader sees it. */
async function shoot(page: Page, name: string, { theme, language, width }: Look): Promise<void> {
  const size = { width: WIDTHS[width], height: width === 'wide' ? 800 : 740 };
  await page.setViewportSize(size);
  await settled(page);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
  await settled(page);
  await page.screenshot({ path: join(OUT, `${name}-${width}-${theme}-${language}.png`) });
}

const wanted = (name: string) => name.includes(ONLY);

async function inEveryLook(
  { page, choose }: Pick<NorthlakeConsole, 'page' | 'choose'>,
  name: string,
  open: () => Promise<void>,
): Promise<void> {
  if (!wanted(name)) return;
  for (const look of LOOKS.filter(({ theme, language, width }) => `${width}-${theme}-${language}`.includes(LOOK))) {
    await page.setViewportSize({ width: WIDTHS[look.width], height: 800 });
    await choose(look);
    await open();
    await shoot(page, name, look);
  }
}

test('this machine', async () => {
  if (ONLY !== '' && !ONLY.startsWith('agent')) return;
  mkdirSync(OUT, { recursive: true });
  await agentPictures((page, name, open, choose) =>
    inEveryLook({ page, choose: (preferences) => choose(page, preferences) }, name, open),
  );
});

test('full', async () => {
  if (['agent', 'empty', 'large', 'offline'].some((name) => ONLY.startsWith(name))) return;
  mkdirSync(OUT, { recursive: true });
  const northlake = await openNorthlake();
  const { page, browser } = northlake;
  for (const [name, place] of Object.entries(PLACES)) {
    if (place === 'connect') continue;
    await inEveryLook(northlake, name, () => northlake.go(place));
  }
  const pool = async () => {
    await northlake.go('pools');
    await page.locator('a.row-link', { hasText: 'NewCompany1-Pool' }).click();
    await page.locator('tr', { hasText: 'LicenseKey2' }).getByRole('button').click();
  };
  await inEveryLook(northlake, 'pool-detail', pool);
  await inEveryLook(northlake, 'pool-create-key', async () => {
    await pool();
    await page.locator('.button.link-like').click();
  });
  await inEveryLook(northlake, 'pool-convert', async () => {
    await northlake.go('pools?tab=poolable');
    await page.locator('tr', { hasText: 'OEM-02' }).getByRole('button').click();
    await page.locator('dialog input[type="checkbox"]').check();
    await page.locator('dialog input.mono').fill('Northlake-CSV-OEM-02');
  });
  await inEveryLook(northlake, 'machine-detail', async () => {
    await northlake.go('machines');
    await page.getByRole('button', { name: 'kes-cad-07' }).first().click();
    await page.locator('.fork .facts').nth(1).waitFor();
  });
  await inEveryLook(northlake, 'machine-declared', async () => {
    await northlake.go('machines?search=hbr-desk-12');
    await page.getByRole('button', { name: 'hbr-desk-12' }).first().click();
    await page.locator('.detail q').waitFor();
  });
  await inEveryLook(northlake, 'machine-license-it', async () => {
    await northlake.go('machines?search=kes-cad-07');
    await page.getByRole('button', { name: 'kes-cad-07' }).first().click();
    await page.locator('.fork-both button').first().click();
    await page.locator('dialog select').waitFor();
  });
  await inEveryLook(northlake, 'machine-replace', async () => {
    await northlake.go('machines?search=kes-cad-07');
    await page.getByRole('button', { name: 'kes-cad-07' }).first().click();
    await page.locator('.fork-sides > div:nth-child(2) button').click();
    await page.locator('dialog [role="status"]').waitFor();
  });
  await inEveryLook(northlake, 'technicians-check-out', async () => {
    await northlake.go('technicians');
    await page.locator('button.small[aria-label*="ITP-3VK8"]').first().click();
  });
  await inEveryLook(northlake, 'technicians-end', async () => {
    await northlake.go('technicians');
    await page.locator('.session-row button.small').first().click();
  });
  await inEveryLook(northlake, 'licenses-buy', async () => {
    await northlake.go('licenses?buy=server&quantity=3');
    await page.locator('dialog .quote.strong').waitFor();
  });
  await inEveryLook(northlake, 'licenses-trial', async () => {
    await northlake.go('licenses?kind=trial&search=kes&trial=yes');
    await page.locator('dialog select').first().waitFor();
  });
  await inEveryLook(northlake, 'orders-open', async () => {
    await northlake.go('licenses/orders');
    await page.locator('.orders .icon-button').nth(4).click();
  });
  await inEveryLook(northlake, 'plan-migrate', async () => {
    await northlake.go('plan?change=migrate');
    await page.locator('.plan-form input[list]').fill('tol-erp-01');
    await page.locator('.plan-form select').nth(1).selectOption('esx-tol-02');
    await page.locator('.plan-steps li').first().waitFor();
  });
  await inEveryLook(northlake, 'plan-split', async () => {
    await northlake.go('plan?change=split&name=South&cal_obm=8&cal_acb=4');
    await page.locator('.plan-form select').nth(1).selectOption({ label: 'Branches-Pool' });
    await page.locator('.plan-answer').waitFor();
  });
  const rows = () => page.locator('.licenses tbody tr:not(.group-row) input[type="checkbox"]');
  await inEveryLook(northlake, 'licenses-selected', async () => {
    await northlake.go('licenses?type=server');
    for (const row of [3, 4]) await rows().nth(row).check();
  });
  await inEveryLook(northlake, 'licenses-change-type', async () => {
    await northlake.go('licenses?type=server');
    await rows().nth(3).check();
    await page.locator('.selection-bar .button').first().click();
    await page.locator('dialog select').selectOption('workstation');
    await page.locator('dialog .consequences, dialog [role="status"]').first().waitFor();
  });
  await inEveryLook(northlake, 'licenses-grant-user', async () => {
    await northlake.go('licenses?type=server');
    await rows().nth(3).check();
    await page.locator('.selection-bar .button').nth(1).click();
    await page.locator('dialog input, dialog select').first().waitFor();
  });
  await inEveryLook(northlake, 'licenses-group-actions', async () => {
    await northlake.go('licenses');
    await page.locator('.drop-down button').first().click();
  });
  await inEveryLook(northlake, 'technicians-register', async () => {
    await northlake.go('technicians');
    await page.locator('.page-aside .button.primary').click();
  });
  await popups(browser, northlake);
  if (wanted('forced')) await forcedColors(northlake, OUT);
  if (wanted('motion')) await motion(northlake, OUT);
  await forDocs(northlake, pool);
  await inEveryLook(northlake, 'stopped', async () => {
    await breakTrust(page);
    await page.goto(`chrome-extension://${browser.id}/console.html#/overview`);
    await page.reload();
  });
  await northlake.close();
});

/** What the documentation shows: the first screen of a page, as a reader has it open. */
async function forDocs(northlake: NorthlakeConsole, pool: () => Promise<void>): Promise<void> {
  if (!wanted('docs')) return;
  const { page } = northlake;
  const first = async (name: string, width: number, height: number) => {
    await page.setViewportSize({ width, height });
    await settled(page);
    await page.screenshot({ path: join(OUT, `docs-${name}.png`) });
  };
  await northlake.choose({ theme: 'light', language: 'en' });
  await northlake.go('overview');
  await first('console', 1200, 880);
  await northlake.choose({ theme: 'dark', language: 'en' });
  await pool();
  await first('console-pools', 1280, 760);
  await northlake.choose({ theme: 'light', language: 'ja' });
  await northlake.go('licenses?type=server');
  await first('console-licenses-ja', 1280, 760);
}

async function popups(browser: Chromium, northlake: NorthlakeConsole): Promise<void> {
  if (!wanted('popup')) return;
  for (const theme of ['light', 'dark'] as const) {
    for (const language of ['en', 'ja'] as const) {
      await northlake.choose({ theme, language });
      const popup = await browser.popup();
      await settled(popup);
      const height = await popup.evaluate(() => document.body.scrollHeight);
      await popup.setViewportSize({ width: 380, height });
      await popup.screenshot({ path: join(OUT, `popup-${theme}-${language}.png`) });
      await popup.close();
    }
  }
}

/** Stores what a broken chain leaves behind, as the page itself does. */
function breakTrust(page: Page): Promise<void> {
  return page.evaluate(async () => {
    type Stored = Record<string, Record<string, unknown>>;
    const { local } = (
      globalThis as unknown as {
        chrome: { storage: { local: { get(): Promise<Stored>; set(values: Stored): Promise<void> } } };
      }
    ).chrome.storage;
    const all = await local.get();
    const key = Object.keys(all).find((name) => name.startsWith('trust:'))!;
    const detail = 'Entry 79 of the journal has a content that is not the one it was chained with.';
    await local.set({ [key]: { ...all[key], stop: { code: 'CHAIN_BROKEN', detail, at: Date.now() } } });
  });
}

test('100,000 rows', async () => {
  if (ONLY !== '' && !ONLY.startsWith('large')) return;
  mkdirSync(OUT, { recursive: true });
  await largeEstate(inEveryLook);
});

test('empty and failing', async () => {
  if (!['', 'empty', 'connect', 'offline'].some((name) => ONLY.startsWith(name) && (ONLY === '' || name !== '')))
    return;
  const { chromium } = await buildForTest();
  const bench = await startBench(Date.now(), { name: 'Northlake Backup' });
  const browser = await startChromium(chromium);
  await browser.allowHost(bench.authority.url);
  const page = await browser.page();
  const northlake: NorthlakeConsole = {
    bench,
    browser,
    page,
    async go(place) {
      await page.goto('about:blank');
      await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
      await settled(page);
    },
    choose: (preferences) => choosePreferences(page, preferences),
    async close() {
      await browser.close();
      await bench.close();
    },
  };
  await inEveryLook(northlake, 'connect', () => northlake.go('connect'));
  await inEveryLook(northlake, 'connect-wrong', async () => {
    await northlake.go('connect');
    await connectByClick(page, bench.authority.connectionFor(bench.ownerToken).slice(0, 70));
  });
  await northlake.choose({ language: 'en' });
  await northlake.go('connect');
  await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  for (const place of ['overview', 'licenses', 'pools', 'machines', 'technicians', 'activity']) {
    await inEveryLook(northlake, `empty-${place}`, () => northlake.go(place));
  }
  await bench.authority.close();
  await page.locator('.banner').waitFor();
  await inEveryLook(northlake, 'offline', () => northlake.go('overview'));
  await offlinePages(northlake, inEveryLook);
  await northlake.close();
});
