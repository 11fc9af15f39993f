import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, newLicense, type Bench } from '../support/authority.js';
import { CHROMIUM, lacks, NO_CHROMIUM, type Chromium } from './support/chromium.js';
import { openConsole, type OpenConsole } from './support/open-console.js';
import { LICENSE, startWithServers } from './support/server-licenses.js';

// What an admin does with licenses, in a real Chromium against a real authority.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('licenses in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let page: Page;
  let go: OpenConsole['go'];
  beforeAll(async () => {
    bench = await startWithServers();
    ({ browser, page, go } = await openConsole(bench));
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  const open = async (place: string) => {
    await go(place);
    await page.getByText('Server (3)').waitFor();
  };
  const row = (id: string) => page.getByRole('row').filter({ hasText: id });
  const isRenewing = async (id: string) => {
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    return body.rows[0]!.autoRenew;
  };

  test('the switch renews by itself, and says so in every open page', async () => {
    await open('licenses?type=server');
    const other = await browser.page('#/licenses?type=server');
    await row('SV-A').getByRole('switch').click();
    await row('SV-A').getByRole('switch', { checked: true }).waitFor();
    await other.getByRole('switch', { name: 'Auto-Renewal of SV-A', checked: true }).waitFor();
    expect(await isRenewing('SV-A')).toBe(true);
    await other.close();
  });

  test('many at once, and back by one click', async () => {
    await open('licenses?type=server');
    for (const id of ['SV-B', 'SV-C']) await page.getByRole('checkbox', { name: `Select ${id}` }).check();
    await page.getByRole('button', { name: 'Auto-Renewal on' }).click();
    await page.getByText('2 licenses changed').waitFor();
    expect([await isRenewing('SV-B'), await isRenewing('SV-C')]).toEqual([true, true]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await row('SV-C').getByRole('switch', { checked: false }).waitFor();
    expect([await isRenewing('SV-B'), await isRenewing('SV-C')]).toEqual([false, false]);
  });

  test('sorts by a column, the other way round, and as it was; the address keeps it', async () => {
    await open('licenses?type=server');
    const order = () => page.locator('.col-number .copyable').allInnerTexts();
    const head = page.getByRole('button', { name: 'Valid until' });
    await head.click();
    await expect.poll(order).toEqual(['SV-B', 'SV-C', 'SV-A']);
    expect(await page.getByRole('columnheader', { name: 'Valid until' }).getAttribute('aria-sort')).toBe('ascending');
    await head.click();
    await expect.poll(order).toEqual(['SV-A', 'SV-C', 'SV-B']);
    expect(page.url()).toContain('sort=-validUntil');
  });

  test('a search that is cleared beside the box, or comes with a link, is what stands in it', async () => {
    await open('licenses?type=server');
    const box = page.getByRole('searchbox');
    await box.fill('SV-B ');
    await row('SV-A').waitFor({ state: 'detached' });
    expect(await box.inputValue()).toBe('SV-B ');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await row('SV-A').waitFor();
    expect(await box.inputValue()).toBe('');
    await page.evaluate(() => void (location.hash = '#/licenses?search=SV-C'));
    await expect.poll(() => box.inputValue()).toBe('SV-C');
  });

  test('saves what the filters leave as CSV', async () => {
    await open('licenses?type=server');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const file = await saving;
    expect(file.suggestedFilename()).toBe('licenses-acme.csv');
    const { readFileSync } = await import('node:fs');
    const text = readFileSync(await file.path(), 'utf8');
    for (const id of ['SV-A', 'SV-B', 'SV-C']) expect(text).toContain(id);
  });

  test('a grace counts to where the policy of the account ends it', async () => {
    await asPerson(bench, 'policySet', { body: { policy: { graceDays: { subscription: 40 } } } });
    await newLicense(bench, { id: 'AIP-G', type: 'desktop', term: 'subscription', validUntil: '2026-11-20' });
    await go('licenses?search=AIP-G');
    expect(await row('AIP-G').locator('.chip').innerText()).toBe('Renewal grace · 37 d');
  });

  test('licenses of machines and hosts are given down too', async () => {
    await asPerson(bench, 'companyCreate', { body: { id: 'north', name: 'North' } });
    await page.goto(`chrome-extension://${browser.id}/console.html#/licenses/grants`);
    await page.getByRole('button', { name: 'Give down…' }).click();
    const types = page.getByRole('dialog').getByRole('combobox', { name: 'Type' });
    await types.selectOption('virtual');
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  const licenseOf = async (id: string) => {
    const { body } = await asPerson(bench, 'licenses', { query: `?search=${id}` });
    return body.rows.find((each) => each.id === id)!;
  };
  /** On a domain, so that no machine has to be there. */
  async function onDomain(id: string, domain: string, more: object) {
    await asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...LICENSE, id, ...more }] } });
    await asPerson(bench, 'licenseAssign', { params: { license: id }, body: { to: domain, kind: 'domain' } });
  }

  /** The clock goes on until a license has ended, and the grid knows it. */
  async function pass(id: string, kind: string) {
    bench.clock += 5 * 86_400_000;
    const isEnded = async () => {
      const { body } = await asPerson(bench, 'licenses', { query: `?kind=${kind}&validity=expired&search=${id}` });
      return body.rows.length;
    };
    await expect.poll(isEnded).toBe(1);
  }

  test('the type of one that is in use: another takes its place, and which is said before', async () => {
    await onDomain('EX-1', 'one.example', { type: 'exchange' });
    await asPerson(bench, 'licensesCreate', {
      body: { licenses: [{ ...LICENSE, id: 'FB-1', type: 'file_backup' }] },
    });
    await open('licenses');
    await page.getByRole('checkbox', { name: 'Select EX-1' }).check();
    await page.getByRole('button', { name: 'Change type…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'License type' }).selectOption('ultimate');
    await dialog.getByText('No license of this type is free here.').waitFor();
    await dialog.getByRole('combobox', { name: 'License type' }).selectOption('file_backup');
    await dialog.getByText('one.example takes FB-1').waitFor();
    await dialog.getByRole('button', { name: 'Change the type of EX-1', disabled: false }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('FB-1').getByText('one.example').waitFor();
    expect([(await licenseOf('EX-1')).assignedTo, (await licenseOf('FB-1')).assignedTo]).toEqual([null, 'one.example']);
  });

  test('granted to a user of a company, and the computer keeps it', async () => {
    await page.getByRole('checkbox', { name: 'Select FB-1' }).check();
    await page.getByRole('button', { name: 'Grant to user…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'User' }).fill('Ann');
    await dialog.getByText('What lies in the global pool belongs to no user.').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('checkbox', { name: 'Select FB-1' }).uncheck();
    await page.getByRole('checkbox', { name: 'Select EX-1' }).check();
    await page.getByRole('button', { name: 'Grant to user…' }).click();
    await dialog.getByRole('combobox', { name: 'Company' }).selectOption('North');
    await dialog.getByRole('textbox', { name: 'User' }).fill('Ann');
    await dialog.getByRole('button', { name: 'Grant EX-1 to a user', disabled: false }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await licenseOf('EX-1')).toMatchObject({ companyId: 'north', user: 'Ann' });
  });

  test('a trial that has ended shows its red key, and beside it the way to a bought license', async () => {
    const ended = { type: 'workstation', kind: 'trial', term: 'trial', validUntil: '2026-11-25' } as const;
    await onDomain('TR-1', 'two.example', ended);
    await asPerson(bench, 'licensesCreate', {
      body: { licenses: [{ ...LICENSE, id: 'WS-1', type: 'workstation' }] },
    });
    await pass('TR-1', 'trial');
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/licenses?kind=trial`);
    await row('TR-1').getByText('Expired').waitFor();
    await row('TR-1').getByRole('button', { name: 'Grant…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('two.example takes WS-1').waitFor();
    await dialog.getByRole('button', { name: 'Grant in place of TR-1', disabled: false }).click();
    await dialog.waitFor({ state: 'detached' });
    await row('TR-1').getByRole('button', { name: 'Grant…' }).waitFor({ state: 'detached' });
    expect((await licenseOf('WS-1')).assignedTo).toBe('two.example');
  });

  test('a menu that is closed by Escape gives the focus back', async () => {
    await open('licenses');
    const columns = page.getByRole('button', { name: 'Columns' });
    await columns.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.getByRole('checkbox', { name: 'Company' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: 'Company' }).waitFor({ state: 'detached' });
    expect(await columns.evaluate((button) => button === document.activeElement)).toBe(true);
  });

  test('a menu hears Escape as soon as it is there', async () => {
    await open('licenses');
    await page.getByRole('button', { name: 'Columns' }).evaluate((button) => {
      new MutationObserver((_changes, seen) => {
        seen.disconnect();
        dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
      }).observe(button.parentElement!, { childList: true, subtree: true });
      (button as HTMLElement).click();
    });
    await page.getByRole('checkbox', { name: 'Company' }).waitFor({ state: 'detached', timeout: 5000 });
  });

  test('what has ended is withdrawn in one act: all of it, what renews itself, what is on nobody', async () => {
    const ending = { type: 'ultimate', validUntil: '2026-11-30' } as const;
    await onDomain('VM-3', 'three.example', ending);
    const free = { ...LICENSE, ...ending, id: 'VM-1' };
    // Too long ago for the renewal run to renew it.
    const renewing = { ...free, id: 'VM-2', validUntil: '2025-06-01', autoRenew: true };
    await asPerson(bench, 'licensesCreate', { body: { licenses: [free, renewing] } });
    await pass('VM-1', 'commercial');
    await pass('VM-3', 'commercial');
    await open('licenses');
    const stands = () => Promise.all(['VM-1', 'VM-2', 'VM-3'].map(async (id) => (await licenseOf(id)).status));
    const withdraw = async (act: string, title: string) => {
      await page.getByRole('button', { name: 'Group Actions' }).click();
      await page.getByRole('button', { name: act }).click();
      const dialog = page.getByRole('dialog', { name: title });
      await dialog.getByRole('button', { name: /^Revoke/ }).click();
      await dialog.waitFor({ state: 'detached' });
    };
    await withdraw('Revoke expired with auto-renewal…', 'Revoke license VM-2?');
    expect(await stands()).toEqual(['expired', 'revoked', 'expired']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(stands).toEqual(['expired', 'expired', 'expired']);
    await withdraw('Revoke unassigned expired…', 'Revoke 2 licenses?');
    expect(await stands()).toEqual(['revoked', 'revoked', 'expired']);
    await withdraw('Revoke all expired…', 'Revoke license VM-3?');
    expect(await stands()).toEqual(['revoked', 'revoked', 'revoked']);
    await page.getByRole('button', { name: 'Group Actions' }).click();
    await page.getByRole('button', { name: 'Revoke all expired…' }).click();
    await page.getByText('None of these has expired.').waitFor();
  });
});
