import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, type Bench } from '../support/authority.js';
import { CHROMIUM, lacks, NO_CHROMIUM } from './support/chromium.js';
import { openNorthlake, type NorthlakeConsole } from './support/northlake-console.js';

// What an owner does about orders, gifts, pools and offline machines: by the keyboard alone, in a real Chromium.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('selling and pools by the keyboard (needs Chromium)', () => {
  let northlake: NorthlakeConsole;
  let page: Page;
  let bench: Bench;
  beforeAll(async () => {
    northlake = await openNorthlake();
    ({ page, bench } = northlake);
  });
  afterAll(() => northlake.close());

  /** Enter on a button that the keyboard reaches: it takes the focus, and is not disabled. */
  const press = async (name: string | RegExp, within = page.locator('body')) => {
    const button = within.getByRole('button', { name, exact: typeof name === 'string' }).first();
    await button.waitFor();
    expect(await button.evaluate((element: HTMLElement) => element.tabIndex)).toBe(0);
    await button.focus();
    await page.keyboard.press('Enter');
  };
  const dialog = () => page.getByRole('dialog');
  /** Enter where the focus is, once the authority has said what the act would do. */
  const submit = async (act: string | RegExp) => {
    await dialog()
      .getByRole('button', { name: act, exact: typeof act === 'string', disabled: false })
      .waitFor();
    await dialog()
      .locator('form')
      .evaluate((form: HTMLFormElement) => form.requestSubmit());
  };
  const orderOf = async (number: number) => {
    const { body } = await asPerson(bench, 'orders');
    return body.rows.find((order) => order.number === number)!;
  };

  /** Opens a form, its field, what is typed there. */
  const FORMS: readonly (readonly [
    place: string,
    open: string | RegExp | undefined,
    field: string | RegExp,
    typed: string,
  ])[] = [
    ['licenses/grants', 'Give down…', 'Quantity', '7'],
    ['pools?tab=manage', 'Create New License Pool', 'Pool name', 'Branch offices'],
    ['technicians', 'Make one-time code…', 'Which machine, for whom, why', 'till 4, for Ann'],
    ['technicians', /^Reassign: /, 'New holder', 'ann'],
    ['plan?change=cluster', undefined, /nodes/i, '3'],
    ['exchange', undefined, 'Request file', 'half a request'],
  ];

  test.each(FORMS)(
    '%s, %s: what was typed is there again after another page, until it is discarded',
    async (...form) => {
      const [place, open, name, typed] = form;
      const field = page.getByRole('textbox', { name });
      const goInside = (to: string) => page.evaluate((hash) => void (location.hash = hash), `#/${to}`);
      const begin = async () => {
        if (open !== undefined) await press(open);
        await field.waitFor();
      };
      await northlake.go(place);
      await begin();
      const empty = await field.inputValue();
      await field.fill(typed);
      await goInside('activity');
      await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor();
      expect(await dialog().count()).toBe(0);
      await goInside(place.replace('?change=cluster', ''));
      await begin();
      expect(await field.inputValue()).toBe(typed);
      if (open === undefined) return;
      await press('Cancel', dialog());
      await dialog().waitFor({ state: 'detached' });
      await begin();
      expect(await field.inputValue()).toBe(empty);
      await press('Cancel', dialog());
    },
  );

  test('seats over 90 days: drawn from the first counted day, and said in words', async () => {
    await northlake.go('overview');
    const line = page.getByRole('img', { name: /^Seats used, 90 days: .* used on Nov \d+, \d+ of \d+ used today/ });
    await line.getByText(/^counted since Nov/).waitFor();
    const { types } = (await asPerson(bench, 'overview')).body;
    await line.getByText(`${types.reduce((sum, { used }) => sum + used, 0)} used`, { exact: true }).waitFor();
    await northlake.go('pools');
    await page.getByRole('link', { name: 'NewCompany1-Pool', exact: true }).click();
    await page
      .getByRole('img', { name: /^Used over 90 days, OBM: / })
      .getByText('24 quota')
      .waitFor();
  });

  test('each state on the overview leads to the machines that it counts', async () => {
    await northlake.go('overview');
    const links = page.locator('.legend a');
    const said = await links.allInnerTexts();
    expect(said.map((text) => text.replace(/\d+ /, ''))).toContain('offline');
    for (const [n, text] of said.entries()) {
      await northlake.go('overview');
      await links.nth(n).focus();
      await page.keyboard.press('Enter');
      const count = new RegExp(`^${Number.parseInt(text, 10)} machines?\\b`);
      await page.locator('.page-aside', { hasText: count }).waitFor();
    }
    const { machines } = (await asPerson(bench, 'overview')).body;
    expect(said.reduce((sum, text) => sum + Number.parseInt(text, 10), 0)).toBe(machines.total);
  });

  test('each end on the overview leads to the licenses as they end, and leases that end to their machines', async () => {
    await northlake.go('overview');
    const { ends, machines } = (await asPerson(bench, 'overview')).body;
    const sum = ends.reduce((whole, { count }) => whole + count, 0);
    const inOrder = page.locator('th[aria-sort=ascending]', { hasText: 'Valid until' });
    await page.getByRole('link', { name: `${sum} Licenses`, exact: true }).click();
    await inOrder.waitFor();
    await northlake.go('overview');
    await page.locator('.timeline a').first().focus();
    await page.keyboard.press('Enter');
    await inOrder.waitFor();
    const query = `?validity=valid&sort=validUntil&type=${ends[0]!.type}`;
    const { rows } = (await asPerson(bench, 'licenses', { query })).body;
    expect(rows[0]).toMatchObject({ validUntil: expect.stringContaining(ends[0]!.day) });
    await page.getByRole('row', { name: rows[0]!.id.slice(-4) }).waitFor();
    await northlake.go('overview');
    await page.getByRole('link', { name: `${machines.lapsing!.fortnight} in 14 d`, exact: true }).click();
    const count = new RegExp(`^${machines.lapsing!.fortnight} machines?\\b`);
    await page.locator('.page-aside', { hasText: count }).waitFor();
  });

  test('a plan keeps the host that is chosen while the machine is still looked for', async () => {
    await northlake.go('plan?change=migrate');
    const machine = page.locator('.plan-form input[list]');
    await machine.waitFor();
    const hosts = page.locator('.plan-form select').nth(1);
    await hosts.locator('option', { hasText: 'esx-tol-02' }).waitFor({ state: 'attached' });
    await hosts.evaluate((select: HTMLSelectElement) => {
      const list = document.querySelector('.plan-form datalist')!;
      new MutationObserver((_changes, seen) => {
        if (list.children.length !== 1) return;
        seen.disconnect();
        // The very next thing that happens on the page, where the hosts may be on their way again.
        setTimeout(() => {
          select.add(new Option('esx-tol-02'));
          select.value = 'esx-tol-02';
          select.dispatchEvent(new Event('change', { bubbles: true }));
        });
      }).observe(list, { childList: true, subtree: true });
    });
    await machine.fill('tol-erp-01');
    await page.locator('.plan-steps li').first().waitFor({ timeout: 10_000 });
  });

  test('an overdue order is looked at and marked paid; its licenses are there', async () => {
    await northlake.go('licenses/orders');
    await page.getByRole('row', { name: /Kestrel Survey.*overdue/ }).waitFor();
    await press('Details: 2');
    await page.getByText('Its licenses are there with the payment.').waitFor();
    await press('Mark paid…');
    await dialog().getByRole('textbox').waitFor();
    await page.keyboard.type('RE-7');
    await submit('Mark order 2 paid');
    await dialog().waitFor({ state: 'detached' });
    await page.getByText('RE-7').waitFor();
    expect(await orderOf(2)).toMatchObject({ status: 'paid', reference: 'RE-7', paidBy: 'invoice', licenseCount: 2 });
  });

  test('an open order is voided, and a state is filtered by the arrows', async () => {
    await press('Details: 4');
    await press('Void…');
    await submit('Void order 4');
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'All' }).focus();
    for (const state of ['open', 'paid', 'void']) {
      await page.keyboard.press('ArrowRight');
      await page.waitForURL(`**status=${state}`);
    }
    await page.getByRole('row', { name: /Exchange.*Void/ }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    expect(await orderOf(4)).toMatchObject({ status: 'void' });
  });

  test('what is unused of a gift is taken back', async () => {
    await northlake.go('licenses/grants');
    await press('Take back…');
    await dialog().getByText('3 × Workstation go back to: Global pool').waitFor();
    await submit('Take 3 back');
    await page.getByText('All in use').waitFor();
    await page.getByRole('img', { name: '1 of 1 used' }).waitFor();
    const { body } = await asPerson(bench, 'grants');
    expect(body.rows).toMatchObject([{ to: 'harbor', quantity: 4, held: 1, used: 1 }]);
  });

  test('all of a type, and all that the filters leave, are selected at once, also what is folded', async () => {
    await northlake.go('licenses');
    await page.getByRole('checkbox', { name: /^Select all 10: Desktop/ }).focus();
    await page.keyboard.press('Space');
    const bar = (count: number) => page.getByRole('region', { name: `${count} selected` });
    await bar(10).waitFor();
    const whole = page.getByRole('checkbox', { name: /^Select all \d+$/ });
    expect(await whole.evaluate((box: HTMLInputElement) => [box.checked, box.indeterminate])).toEqual([false, true]);
    await whole.focus();
    await page.keyboard.press('Space');
    await bar(10).waitFor({ state: 'detached' });
    await page.keyboard.press('Space');
    const { total } = (await asPerson(bench, 'licenses', { query: '?limit=1&kind=commercial' })).body;
    await bar(total).waitFor();
    expect(await whole.isChecked()).toBe(true);
  });

  test('a column is put away, remembered, and back', async () => {
    await northlake.go('licenses?type=server');
    const head = page.getByRole('columnheader', { name: 'Transaction' });
    await head.waitFor();
    await press('Columns');
    await page.getByRole('checkbox', { name: 'Transaction' }).focus();
    await page.keyboard.press('Space');
    await head.waitFor({ state: 'hidden' });
    await northlake.go('licenses?type=server');
    expect(await head.isVisible()).toBe(false);
    await press('Columns');
    await page.getByRole('checkbox', { name: 'Transaction' }).focus();
    await page.keyboard.press('Space');
    await head.waitFor();
    await page.keyboard.press('Escape');
  });

  test('maintenance is renewed: what it does to the keys is said before', async () => {
    await northlake.go('pools?tab=pooled');
    await press('Renew…');
    const until = dialog().locator('input[type="date"]');
    await until.fill('2020-01-01');
    expect(
      await dialog()
        .getByRole('button', { name: /^Renew / })
        .isDisabled(),
    ).toBe(true);
    await until.fill('2030-01-01');
    await dialog()
      .getByText(/^Free Upgrade Until of all (OEM|Standard) keys/)
      .waitFor();
    await dialog().getByRole('radio', { name: 'Set at once' }).focus();
    await page.keyboard.press('Space');
    await submit(/^Renew /);
    await dialog().waitFor({ state: 'detached' });
    const { body } = await asPerson(bench, 'pools');
    expect(body.licenses.some(({ freeUpgradeUntil }) => freeUpgradeUntil === '2030-01-01')).toBe(true);
  });

  test('a key of a lost server renews no more, and again', async () => {
    const keyOf = async () =>
      (await asPerson(bench, 'pools')).body.keys.find(({ fullName }) => fullName.endsWith('Key2'))!;
    await northlake.go('pools');
    await page.getByRole('link', { name: 'NewCompany1-Pool', exact: true }).click();
    await press(/Details: NewCompany1-LicenseKey2/);
    await press('Stop renewing…');
    await dialog()
      .getByText(/runs on until .*; then its service stops/)
      .waitFor();
    await submit(/^Stop renewing NewCompany1-LicenseKey2/);
    await page.getByText(/^Renews no more/).waitFor();
    expect(await keyOf()).toMatchObject({ renewing: false });
    await press('Renew again');
    await page.getByRole('button', { name: 'Stop renewing…' }).waitFor();
    expect(await keyOf()).toMatchObject({ renewing: true });
  });

  test('a request file that is none says so where it was pasted, and changes nothing', async () => {
    await northlake.go('exchange');
    await page.getByRole('textbox', { name: 'Request file' }).focus();
    await page.keyboard.type('no request');
    await press('Look at it');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('textbox', { name: 'Request file' }).inputValue()).toBe('no request');
  });

  test('the key of a lost server whose lease has ended is taken back, and free', async () => {
    const keyOf = async () =>
      (await asPerson(bench, 'pools')).body.keys.find(({ fullName }) => fullName.endsWith('Key2'))!;
    const { id, serverName } = await keyOf();
    await asPerson(bench, 'poolKeySetRenewing', { params: { key: id }, body: { renewing: false } });
    bench.clock += 15 * 86_400_000;
    await northlake.go('pools');
    await page.getByRole('link', { name: 'NewCompany1-Pool', exact: true }).click();
    await press(/Details: NewCompany1-LicenseKey2/);
    await press('Take the key back…');
    await dialog()
      .getByText(new RegExp(`^${serverName} has had no lease since .*, and loses the key$`))
      .waitFor();
    await submit(/^Take NewCompany1-LicenseKey2 back/);
    await expect.poll(keyOf, { timeout: 10_000 }).toMatchObject({ id, status: 'not_in_use', serverId: null });
    await page.getByText('Not applied yet').waitFor({ timeout: 5000 });
    await page
      .getByRole('button', { name: /^Delete/ })
      .first()
      .waitFor();
  });
});
