import { mkdirSync } from 'node:fs';
import { test } from 'vitest';
import { buildExtension } from '../../extension/build.mjs';
import { startNorthlake } from './support/northlake.js';
import { connectByClick, startChromium } from './support/chromium.js';
const places = (process.env['PLACES'] ?? 'overview').split(';');
test('shots', async () => {
  const out = '/tmp/shots';
  mkdirSync(out, { recursive: true });
  const { chromium: folder } = await buildExtension();
  const bench = await startNorthlake();
  const browser = await startChromium(folder);
  browser.context.on('weberror', (e) => console.log('ERR', e.error().message));
  await browser.allowHost(bench.authority.url);
  const page = await browser.page();
  page.on('console', (m) => console.log('console', m.text()));
  await page.screenshot({ path: `${out}/connect.png` });
  await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
  await page.waitForTimeout(1500);
  for (const place of places) {
    const [path, size = '1280', theme = 'light', lang = 'en'] = place.split('@');
    await page.setViewportSize({ width: Number(size), height: 900 });
    await page.emulateMedia({ colorScheme: theme as 'light' });
    await page.evaluate(
      (l) =>
        (globalThis as any).chrome.storage.local.get('preferences').then((p: any) =>
          (globalThis as any).chrome.storage.local.set({
            preferences: { theme: 'system', active: null, ...p.preferences, language: l },
          }),
        ),
      lang,
    );
    await page.goto(`chrome-extension://${browser.id}/console.html#/${path}`);
    await page.waitForTimeout(700);
    await page.screenshot({ path: `${out}/${place.replaceAll(/[/@?=&]/g, '-')}.png`, fullPage: true });
  }
  const popup = await browser.popup();
  await popup.waitForTimeout(1500);
  await popup.screenshot({ path: `${out}/popup.png` });
  await browser.close();
  await bench.close();
});
