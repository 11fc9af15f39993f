import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import { startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';
import { extensionId } from './support/extension-id.js';
import { canManage, managedChromium } from './support/managed-policy.js';

const cannot = lacks(CHROMIUM, NO_CHROMIUM) || !canManage();

// A real policy file for the extension's id, read by a real Chromium.
describe.skipIf(cannot)('connections by policy (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let managed: ReturnType<typeof managedChromium>;
  beforeAll(async () => {
    const { chromium } = await buildForTest();
    bench = await startBench(Date.now());
    const { key } = JSON.parse(readFileSync(join(chromium, 'manifest.json'), 'utf8')) as { readonly key: string };
    const url = 'https://second.licensing.example';
    const other = formatConnection({ url, roots: [(await newSigner()).jwk.x], token: bench.ownerToken });
    const given = [bench.authority.connectionFor(bench.ownerToken), other, 'leasehold-connect:torn'];
    managed = managedChromium(extensionId(key), { connections: given, unknown: true });
    browser = await startChromium(chromium, { executable: managed.executable });
    await browser.allowHost(bench.authority.url);
  });
  afterAll(async () => {
    await browser.close();
    managed.remove();
    await bench.close();
  });

  test('are offered by their hosts, whole ones only, and connect by a choice and a click of the person’s own', async () => {
    const page = await browser.page();
    await page.getByText('Your organization gives you:').waitFor();
    const offered = page.locator('.given button');
    expect(await offered.allInnerTexts()).toEqual([new URL(bench.authority.url).host, 'second.licensing.example']);
    expect(await page.evaluate(() => document.body.innerText)).not.toContain(bench.ownerToken);
    await offered.first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('The browser will ask for access to this address only.').waitFor();
    const connect = page.getByRole('button', { name: 'Connect', exact: true });
    while (!(await connect.evaluate((each) => each === document.activeElement))) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').getByText('Live · verified').waitFor();
  });
});
