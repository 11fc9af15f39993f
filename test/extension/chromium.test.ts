import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { formatConnection } from '@leasehold/protocol';
import { asPerson, newLicense, startBench, Agent, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { buildForTest } from './support/build.js';
import { extensionId } from './support/extension-id.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';

// Everything here runs in a real Chromium with the unpacked extension, against a real authority.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('the console in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let folder: string;
  beforeAll(async () => {
    folder = (await buildForTest()).chromium;
    bench = await startBench(Date.now());
    browser = await startChromium(folder);
    await browser.allowHost(bench.authority.url);
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  const connection = () => bench.authority.connectionFor(bench.ownerToken);
  const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name });
  const activate = async (label: string) => {
    const { licenseKey } = await newLicense(bench);
    return (await Agent.on(bench, label)).activate(licenseKey);
  };

  test('has the id that its key fixes', () => {
    const { key } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as { key: string };
    expect(browser.id).toBe(extensionId(key));
  });

  test('what is wrong with a string is said where it was pasted, with the next step', async () => {
    const page = await browser.page();
    await heading(page, 'Connect an authority').waitFor();
    await connectByClick(page, connection().slice(0, 50));
    const alert = page.getByRole('alert');
    await alert.getByText('not a whole connection string').waitFor();
    const other = await newSigner();
    const url = bench.authority.url;
    await connectByClick(page, formatConnection({ url, roots: [other.jwk.x], token: bench.ownerToken }));
    await alert.getByText('The root key is not the pinned one').waitFor();
    await connectByClick(page, formatConnection({ url, roots: [bench.rootJwk.x], token: `${bench.ownerToken}x` }));
    await alert.getByText('The token is not accepted').waitFor();
    await page.close();
  });

  test('connects by one pasted string and one click; the overview is live and verified', async () => {
    const page = await browser.page();
    await connectByClick(page, connection());
    await heading(page, 'Overview').waitFor();
    await page.getByText('No machine is activated yet').waitFor();
    await page.getByText('the line begins tomorrow', { exact: false }).waitFor();
    await page.getByRole('navigation').getByText('Live · verified').waitFor();
    expect(page.url()).not.toContain(bench.ownerToken);
    expect(await page.content()).not.toContain(bench.ownerToken);
    await page.close();
  });

  test('a change at the authority is in the open page within a second, with the worker killed in between', async () => {
    const page = await browser.page();
    await page.getByRole('navigation').getByText('Live · verified').waitFor();
    let before = performance.now();
    await activate('first-machine');
    await page.getByText('1 of 1 machines can back up').waitFor({ timeout: 1000 });
    await page.getByText('first-machine activated').waitFor({ timeout: 1000 });
    expect(performance.now() - before).toBeLessThan(1500);
    await browser.killWorker();
    before = performance.now();
    await activate('second-machine');
    await page.getByText('2 of 2 machines can back up').waitFor({ timeout: 1000 });
    await page.getByText('second-machine activated').waitFor({ timeout: 1000 });
    await page.getByRole('navigation').getByText('Live · verified').waitFor();
    await page.close();
  });

  test('the worker that was killed catches up when the popup asks, and the popup shows it', async () => {
    await browser.killWorker();
    await activate('while-the-worker-was-dead');
    const popup = await browser.popup();
    await popup.getByText('3 of 3 can back up').waitFor({ timeout: 5000 });
    await popup.getByText('Live · verified').waitFor();
    await popup.getByText('Nothing to do').waitFor();
    await popup.close();
  });

  test('a page whose authority goes away says since when, and comes back by itself', async () => {
    const page = await browser.page();
    await page.getByRole('navigation').getByText('Live · verified').waitFor();
    const { port } = new URL(bench.authority.url);
    await bench.authority.close();
    await page.getByText('Offline since', { exact: false }).first().waitFor({ timeout: 10_000 });
    await page.getByText('3 of 3 machines can back up').waitFor();
    await bench.restart(Number(port));
    await page.getByRole('navigation').getByText('Live · verified').waitFor({ timeout: 40_000 });
    await activate('after-the-restart');
    await page.getByText('4 of 4 machines can back up').waitFor({ timeout: 3000 });
    await page.close();
  });

  test('pools: from a poolable license to the details of a key, with the keyboard alone for the dangerous step', async () => {
    const cals = { obm: 100, acb: 100 };
    const license = {
      id: 'Acme-CSV-LMP-OEM',
      type: 'OEM',
      purchase: 'purchased',
      cals,
      freeUpgradeUntil: '2099-01-01',
    } as const;
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses: [license] } });
    const page = await browser.page('#/pools?tab=poolable');
    await page.getByRole('button', { name: 'Add to Pool' }).press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('OEM total 0 → 100 OBM, 0 → 100 ACB').waitFor();
    const convert = dialog.getByRole('button', { name: 'Convert Acme-CSV-LMP-OEM' });
    expect(await convert.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').pressSequentially('Acme-CSV-LMP-OE');
    expect(await convert.isDisabled()).toBe(true);
    await dialog.getByRole('textbox').pressSequentially('M');
    await convert.and(page.locator(':enabled')).waitFor();
    await dialog.getByRole('textbox').press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('No poolable license is left').waitFor();

    await page.getByRole('link', { name: /Manage License Pools/ }).click();
    await page.getByRole('button', { name: 'Create New License Pool' }).click();
    await dialog.getByLabel('Pool name').fill('NewCompany1-Pool');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, /NewCompany1-Pool/).waitFor();
    await page.getByLabel('OBM', { exact: true }).fill('150');
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByRole('alert').getByText('LMP-2.3', { exact: false }).waitFor();
    await page.getByLabel('OBM', { exact: true }).fill('24');
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByText('24 free', { exact: false }).first().waitFor();

    await page.getByRole('button', { name: 'Create New Pool Key' }).click();
    await dialog.getByLabel('Licensee name').fill('no spaces');
    expect(await dialog.getByRole('button', { name: 'Create', exact: true }).isDisabled()).toBe(true);
    await dialog.getByLabel('Licensee name').fill('NewCompany1-LicenseKey1');
    await dialog.getByLabel('Key Quota: OBM').fill('10');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog
      .getByText(/^LH-|PK-|LHP?-/)
      .first()
      .waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: /Details: NewCompany1-LicenseKey1/ }).click();
    await page.getByText('Not applied yet').waitFor();
    await page.getByText('Can be deleted').waitFor();
    await page.close();
  });

  test('licenses: the filters in their order with counts, the groups, the exact empty text', async () => {
    const msp = {
      profile: 'msp',
      type: 'server',
      kind: 'commercial',
      term: 'subscription',
      seats: 1,
      autoRenew: true,
      companyId: null,
    } as const;
    const ids = ['SV-1', 'SV-2', 'SV-3'];
    await asPerson(bench, 'licensesCreate', {
      body: { licenses: ids.map((id) => ({ ...msp, id, validUntil: '2099-01-01' })) },
    });
    const page = await browser.page('#/licenses');
    const groups = await page.locator('.filter-row fieldset legend').allTextContents();
    expect(groups).toEqual(['Commercial or trial', 'Valid or expired', 'Used or unused', 'Auto-renewal']);
    await page.getByRole('button', { name: /^Server \(\d+\)/ }).click();
    await page.getByText('SV-2').waitFor();
    await page.getByText('You have not purchased licenses of this type').first().waitFor();
    await page.getByRole('radio', { name: /Auto-Renew Only/ }).check();
    await page.getByText('Auto-Renew Only hides', { exact: false }).waitFor();
    expect(page.url()).toContain('autoRenew=only');
    await page.getByRole('button', { name: 'Clear all' }).first().click();
    await page.getByRole('searchbox').fill('no such license');
    await page.getByText('No licenses match the filters').waitFor();
    await page.getByRole('radio', { name: /^Trial/ }).check();
    await page.locator('fieldset:disabled', { hasText: 'Used or unused' }).waitFor();
    await page.close();
  });

  test('a viewer is offered no act', async () => {
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'looker', role: 'viewer', validDays: 1 } });
    const other = await startChromium(folder);
    await other.allowHost(bench.authority.url);
    const page = await other.page();
    await connectByClick(page, made.body.connection);
    await heading(page, 'Overview').waitFor();
    await page.goto(page.url().replace(/#.*/, '#/technicians'));
    await page.getByText('No boot medium is stamped yet').waitFor();
    expect(await page.getByRole('button', { name: 'Register a medium' }).count()).toBe(0);
    await asPerson(bench, 'tokenRevoke', { params: { token: made.body.id }, body: {} });
    await page.reload();
    await page.getByText('The token is not accepted').waitFor({ timeout: 15_000 });
    await other.close();
  });

  test('the journal is shown with its chain verified, and grows while one looks', async () => {
    const page = await browser.page('#/activity');
    await page.getByText('Verified up to entry', { exact: false }).waitFor();
    await asPerson(bench, 'companyCreate', { body: { name: 'Seen <script>alert(1)</script> Ltd' } });
    await page.getByText('Company Seen <script>alert(1)</script> Ltd created').waitFor({ timeout: 1000 });
    await page.close();
  });

  test('disconnecting forgets the token, the data and the access', async () => {
    const page = await browser.page('#/settings');
    await page.getByRole('button', { name: 'Disconnect…' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Disconnect Acme/ })
      .click();
    await heading(page, 'Connect an authority').waitFor();
    // The page shows it as soon as the token is gone; the rest follows.
    const left = () =>
      page.evaluate(async () => {
        const { chrome } = globalThis as unknown as {
          chrome: {
            storage: { local: { get(): Promise<object> } };
            permissions: { getAll(): Promise<{ origins: string[] }> };
          };
        };
        const kept = Object.entries(await chrome.storage.local.get());
        return {
          of: kept.filter(([key]) => /^(connections|trust|glance|told)\b/.test(key)),
          origins: (await chrome.permissions.getAll()).origins,
        };
      });
    await expect.poll(left, { timeout: 10_000 }).toEqual({ of: [['connections', []]], origins: [] });
    await page.close();
  });
});
