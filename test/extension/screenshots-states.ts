import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { connectByClick, startChromium } from './support/chromium.js';
import { choosePreferences, PLACES, settled, type NorthlakeConsole } from './support/northlake-console.js';

type InEveryLook = (
  console: Pick<NorthlakeConsole, 'page' | 'choose'>,
  name: string,
  open: () => Promise<void>,
) => Promise<void>;

/** A reader's own palette, on a white and on a black ground, at the widest and at the narrowest. */
export async function forcedColors(northlake: NorthlakeConsole, out: string): Promise<void> {
  const { page } = northlake;
  for (const colorScheme of ['light', 'dark'] as const) {
    await northlake.choose({ theme: colorScheme, language: 'en' });
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    for (const [name, place] of Object.entries(PLACES)) {
      if (place === 'connect') continue;
      for (const width of colorScheme === 'light' ? [1920] : [320]) {
        await page.setViewportSize({ width, height: 1000 });
        await northlake.go(place);
        await page.screenshot({ path: join(out, `forced-${name}-${width}-${colorScheme}.png`) });
      }
    }
  }
  await page.emulateMedia({ forcedColors: 'none', colorScheme: null });
}

/** A row that has just changed: its ground fades, and stands still for a reader who wants no motion. */
export async function motion(northlake: NorthlakeConsole, out: string): Promise<void> {
  const { page, bench } = northlake;
  await northlake.choose({ theme: 'light', language: 'en' });
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const reducedMotion of ['no-preference', 'reduce'] as const) {
    await page.emulateMedia({ reducedMotion });
    await northlake.go('licenses?type=server');
    const isOn = await page.locator('.licenses [role="switch"]').first().getAttribute('aria-checked');
    const license = await page.locator('.licenses .col-number .copyable').first().getAttribute('title');
    await asPerson(bench, 'licenseAutoRenew', {
      params: { license: license!.split(': ')[1]! },
      body: { autoRenew: isOn !== 'true' },
    });
    await page.locator('tr.changed').first().waitFor();
    await page.screenshot({ path: join(out, `motion-${reducedMotion}.png`) });
    const moving = await page.evaluate(() => document.getAnimations().length);
    if (reducedMotion === 'reduce' && moving > 0) throw new Error(`${moving} animations run with reduced motion`);
  }
  await page.emulateMedia({ reducedMotion: 'reduce' });
}

/** Every page as it is found while nothing answers: what was known stands there, with since when. */
export async function offlinePages(northlake: NorthlakeConsole, inEveryLook: InEveryLook): Promise<void> {
  const { page, browser } = northlake;
  const open = async (place: string) => {
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
    await settled(page);
  };
  for (const place of [
    'licenses',
    'licenses/orders',
    'pools',
    'machines',
    'technicians',
    'plan',
    'activity',
    'settings',
  ])
    await inEveryLook(northlake, `offline-${place.replace('/', '-')}`, () => open(place));
}

const ROWS = 100_000;

/** The same pages with 100,000 licenses behind them, of which some hundreds are opened. */
export async function largeEstate(inEveryLook: InEveryLook): Promise<void> {
  const bench = await startBench(Date.now(), { name: 'Northlake Backup' });
  await fill(bench);
  const browser = await startChromium((await buildForTest()).chromium);
  await browser.allowHost(bench.authority.url);
  const page = await browser.page();
  await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  const shown = { page, choose: (chosen: Parameters<typeof choosePreferences>[1]) => choosePreferences(page, chosen) };
  const open = (place: string, seen: string) => async () => {
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
    await page.locator(seen).first().waitFor();
    await settled(page);
  };
  await inEveryLook(shown, 'large-overview', open('overview', '.timeline svg'));
  await inEveryLook(shown, 'large-licenses', open('licenses', '.group-row'));
  await inEveryLook(shown, 'large-found', open('licenses?search=sv-0777', '.col-number .copyable'));
  await inEveryLook(shown, 'large-opened', async () => {
    await open('licenses?type=server', '.col-number .copyable')();
    await showMore(page);
  });
  for (const place of ['licenses/orders', 'pools', 'machines', 'technicians', 'activity'])
    await inEveryLook(shown, `large-${place.replace('/', '-')}`, open(place, 'h1'));
  await browser.close();
  await bench.close();
}

const TYPES = ['server', 'desktop', 'workstation', 'ultimate'];
const DAY = 86_400_000;

/** By the lists that an admin brings in, 1000 lines each. */
async function fill(bench: Bench): Promise<void> {
  for (let from = 0; from < ROWS; from += 1000) {
    const lines = Array.from({ length: 1000 }, (_each, n) => lineOf(from + n));
    await asPerson(bench, 'licensesImport', { body: { csv: ['id,type,validUntil,autoRenew', ...lines].join('\n') } });
  }
}

function lineOf(n: number): string {
  const end = new Date(Date.now() + (((n * 7) % 400) - 20) * DAY).toISOString().slice(0, 10);
  return `SV-${String(n).padStart(6, '0')},${TYPES[n % 4]},${end},${n % 2 === 0 ? 'yes' : 'no'}`;
}

async function showMore(page: Page): Promise<void> {
  const more = page.getByRole('button', { name: /100/ }).first();
  await more.scrollIntoViewIfNeeded();
  await more.click();
  await settled(page);
}
