import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';

/** Where the browser is; tests that need it skip with a printed reason when it is missing, and fail where CI is set. */
export const CHROMIUM = [process.env['LEASEHOLD_CHROMIUM'], '/usr/bin/chromium'].find(
  (path) => path && existsSync(path),
);

export const NO_CHROMIUM = 'Chromium was not found: install it (Debian: chromium) or set LEASEHOLD_CHROMIUM';

/** True when tests must be skipped; says why, and refuses to skip in CI. */
export function lacks(browser: string | undefined, reason: string): boolean {
  if (browser !== undefined) return false;
  if (process.env['CI']) throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return true;
}

/** A real Chromium with the unpacked extension and nothing else. */
export interface Chromium {
  readonly context: BrowserContext;
  readonly id: string;
  page(place?: string): Promise<Page>;
  popup(): Promise<Page>;
  /** Grants the origin the way a person would beforehand; the page's own request from a click then succeeds without a
   * prompt, which no headless browser can press. */
  allowHost(url: string): Promise<void>;
  /** Stops the worker as the browser does: its memory is gone. */
  killWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface ChromiumOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** What starts the browser, where it is not the browser itself. */
  readonly executable?: string;
  /** Profile to come back to; a fresh one by default. */
  readonly profile?: string;
}

export async function startChromium(extension: string, options: ChromiumOptions = {}): Promise<Chromium> {
  const profile = options.profile ?? (await mkdtemp(join(tmpdir(), 'leasehold-chromium-')));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: options.executable ?? CHROMIUM!,
    headless: true,
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.colorScheme ?? 'light',
    reducedMotion: 'reduce',
    args: [
      `--disable-extensions-except=${extension}`,
      `--load-extension=${extension}`,
      '--disable-quic',
      '--lang=en-US',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const id = new URL(worker.url()).host;
  const open = async (file: string): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`chrome-extension://${id}/${file}`);
    return page;
  };
  return {
    context,
    id,
    page: (place = '') => open(`console.html${place}`),
    async popup() {
      const page = await open('popup.html');
      await page.setViewportSize({ width: 380, height: 600 });
      return page;
    },
    allowHost: (url) => allowHost(context, id, url),
    async killWorker() {
      const page = context.pages()[0] ?? (await context.newPage());
      const cdp = await context.newCDPSession(page);
      await cdp.send('ServiceWorker.enable');
      await cdp.send('ServiceWorker.stopAllWorkers');
      await cdp.detach();
    },
    async close() {
      await context.close();
      if (options.profile === undefined) await rm(profile, { recursive: true, force: true });
    },
  };
}

async function allowHost(context: BrowserContext, id: string, url: string): Promise<void> {
  const page = await context.newPage();
  await page.goto('chrome://extensions/');
  await page.evaluate(
    ([extension, pattern]) => {
      const { developerPrivate } = (globalThis as unknown as { chrome: { developerPrivate: DeveloperPrivate } }).chrome;
      return developerPrivate.addHostPermission(extension!, pattern!);
    },
    [id, `${url}/*`],
  );
  await page.close();
}

interface DeveloperPrivate {
  addHostPermission(id: string, pattern: string): Promise<void>;
}

/** Pastes the connection string and presses the button, as a person does. */
export async function connectByClick(page: Page, connection: string): Promise<void> {
  await page.getByRole('textbox').fill(connection);
  await page.getByRole('button', { name: /^(Connect|接続)$/ }).click();
}
