import type { Page } from 'playwright-core';
import type { Bench } from '../../support/authority.js';
import type { Chromium } from './chromium.js';
import { startNorthlake } from './northlake.js';
import { openConsole } from './open-console.js';

/** The service provider's realm open in a real browser. */
export interface NorthlakeConsole {
  readonly bench: Bench;
  readonly browser: Chromium;
  readonly page: Page;
  /** Goes to a place of the console and waits until it has its data. */
  go(place: string): Promise<void>;
  choose(preferences: Chosen): Promise<void>;
  close(): Promise<void>;
}

export async function openNorthlake(): Promise<NorthlakeConsole> {
  const bench = await startNorthlake();
  const { browser, page, go: open } = await openConsole(bench);
  return {
    bench,
    browser,
    page,
    async go(place) {
      await open(place);
      await page.locator('.nav .feed-state .ok').waitFor({ state: 'attached' });
      await settled(page);
    },
    choose: (preferences) => choosePreferences(page, preferences),
    async close() {
      await browser.close();
      await bench.close();
    },
  };
}

interface Chosen {
  readonly theme?: 'light' | 'dark';
  readonly language?: 'en' | 'ja';
}

/** Stores a reader's choices as the settings page does. */
export async function choosePreferences(page: Page, preferences: Chosen): Promise<void> {
  await page.evaluate(async (chosen) => {
    const { local } = (globalThis as unknown as { chrome: { storage: { local: Local } } }).chrome.storage;
    const before = (await local.get('preferences'))['preferences'];
    await local.set({ preferences: { active: null, ...before, ...chosen } });
  }, preferences);
}

interface Local {
  get(key: string): Promise<Record<string, object>>;
  set(values: object): Promise<void>;
}

/** Nothing loads any more and the page has stopped moving: its text is the same twice. */
export async function settled(page: Page): Promise<void> {
  let before = '';
  for (let i = 0; i < 40; i += 1) {
    await page.waitForTimeout(60);
    const isBusy = await page.locator('.saving-line[data-on="true"]').count();
    const text = await page.locator('body').innerText();
    if (isBusy === 0 && text === before) return;
    before = text;
  }
}

/** Every page, by the place it stands at. */
export const PLACES: Readonly<Record<string, string>> = {
  overview: 'overview',
  licenses: 'licenses?type=server',
  'licenses-filtered': 'licenses?usage=used&type=desktop',
  'licenses-nothing-found': 'licenses?search=no+such+license',
  orders: 'licenses/orders',
  grants: 'licenses/grants',
  'pools-poolable': 'pools?tab=poolable',
  'pools-pooled': 'pools?tab=pooled',
  'pools-manage': 'pools?tab=manage',
  machines: 'machines',
  technicians: 'technicians',
  activity: 'activity',
  plan: 'plan',
  'plan-cluster': 'plan?change=cluster&nodes=4',
  exchange: 'exchange',
  agent: 'agent',
  settings: 'settings',
  connect: 'connect',
};
