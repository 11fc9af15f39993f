import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, type Bench } from '../support/authority.js';
import { CHROMIUM, lacks, NO_CHROMIUM, type Chromium } from './support/chromium.js';
import { openConsole, type OpenConsole } from './support/open-console.js';
import { startWithServers } from './support/server-licenses.js';

// How licenses are bought and asked for, in a real Chromium against a real authority.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('buying in Chromium (needs Chromium)', () => {
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

  test('what is required comes late, and changes nothing under the hands of whoever types', async () => {
    await open('licenses?type=server');
    let answer = (): void => undefined;
    const asked = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/licenses/required*', async (route) => {
      await asked;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Buy New Licenses' }).first().click();
    const quantity = page.getByRole('dialog').getByLabel('Quantity');
    await quantity.focus();
    answer();
    await page.getByText('0 required').waitFor();
    expect(await quantity.inputValue()).toBe('');
    await page.keyboard.type('4');
    expect(await quantity.inputValue()).toBe('4');
    await quantity.fill('');
    await page.unroute('**/licenses/required*');
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('how many are required is told for the day that one asks for (MSP-5), and wide figures are figures', async () => {
    await open('licenses?type=server');
    await page.getByRole('button', { name: 'Buy New Licenses' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Required until').fill('2027-03-20');
    await dialog.getByText('held until Mar 20, 2027: ').waitFor({ timeout: 3000 });
    await dialog.getByLabel('Required until').fill('2027-05-20');
    await dialog.getByText('held until May 20, 2027: ').waitFor({ timeout: 3000 });
    await dialog.getByLabel('Quantity').fill('１２');
    expect(await dialog.getByLabel('Quantity').inputValue()).toBe('12');
    await page.getByRole('button', { name: 'Cancel' }).click();
  });

  test('bought by the keyboard alone: what it costs is said before, the order after', async () => {
    await open('licenses?type=server');
    await page.getByRole('button', { name: 'Buy New Licenses' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    // Focus begins at the kind of goods; type, company and quantity follow it.
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('4');
    await page.getByText('Choose monthly or annual').waitFor();
    // The day for which they are required: its month, its day, its year, its calendar.
    for (let part = 0; part < 5; part += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.getByText('The invoice says the price').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The order is made' }).waitFor();
    const { body } = await asPerson(bench, 'orders');
    expect(body.rows).toMatchObject([{ kind: 'licenses', lines: [{ item: 'license:server', quantity: 4 }] }]);
    await page.keyboard.press('Escape');
  });

  test('how it is paid is asked with the first purchase alone (MSP-11)', async () => {
    await open('licenses?type=server');
    await page.getByRole('button', { name: 'Buy New Licenses' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Payment mode: Annual').waitFor();
    expect(await dialog.getByRole('radio', { name: 'Monthly' }).count()).toBe(0);
    await dialog.getByLabel('Quantity').fill('2');
    await dialog.getByText('The invoice says the price').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  test('machines and pools are ordered too, and a form that the browser was closed on is found as it was', async () => {
    await open('licenses?type=server');
    const dialog = page.getByRole('dialog');
    const buy = page.getByRole('button', { name: 'Buy New Licenses' }).first();
    await buy.focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog.getByRole('radio', { name: 'Perpetual' }).focus();
    await page.keyboard.press('Space');
    // What is perpetual is valid until no day.
    await dialog.getByText('The invoice says the price', { exact: true }).waitFor();
    expect(await dialog.getByRole('radio', { name: 'Monthly' }).count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The order is made' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await buy.focus();
    await page.keyboard.press('Enter');
    await dialog.getByRole('radio', { name: 'License Pools' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByLabel('OBM CALs').focus();
    await page.keyboard.type('25');
    await page.reload();
    await dialog.getByText('The invoice says the price').waitFor();
    expect(await dialog.getByLabel('OBM CALs').inputValue()).toBe('25');
    await dialog.getByLabel('OBM CALs').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The order is made' }).waitFor();
    await page.keyboard.press('Escape');
    const { body } = await asPerson(bench, 'orders');
    expect(body.rows.slice(0, 2).map(({ lines }) => lines[0])).toMatchObject([
      { item: 'pool:OEM:obm', quantity: 25 },
      { item: 'machine:server', quantity: 1 },
    ]);
    expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
    await go('licenses/orders');
    for (const [order, lines] of [
      ['2', ['1 × Server · once']],
      ['3', ['25 × OEM OBM · once', '25 × Maintenance OBM · 1 year']],
    ] as const) {
      await page.getByRole('button', { name: `Details: ${order}` }).click();
      for (const line of lines) await page.getByRole('rowheader', { name: line, exact: true }).waitFor();
    }
  });

  test('where no trial was ever requested, the exact words say so (MSP-10)', async () => {
    await go('licenses?kind=trial');
    await page.getByText('You have not purchased licenses of this type').waitFor();
    expect(await page.getByText('No licenses yet').count()).toBe(0);
  });

  test('a trial of machines and hosts is asked for as that; whether it is used is no matter', async () => {
    await open('licenses');
    await page.evaluate(() => void (location.hash = '#/licenses?kind=trial&usage=used&trial=yes'));
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: 'Machines, hosts' }).focus();
    await page.keyboard.press('Space');
    await dialog.getByRole('combobox', { name: 'License type' }).selectOption('virtual');
    await dialog.getByRole('button', { name: 'Request', disabled: false }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Virtual').first().waitFor();
    expect(await page.locator('.hiding').count()).toBe(0);
    const { rows } = (await asPerson(bench, 'licenses', { query: '?kind=trial' })).body;
    expect(rows).toMatchObject([{ profile: 'aip', type: 'virtual', term: 'trial' }]);
  });
});
