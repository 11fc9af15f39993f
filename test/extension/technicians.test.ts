import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { machineCode } from '@leasehold/protocol';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import { asDevice, asPerson, newLicense, nonce, PRODUCT, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { connectByClick } from './support/chromium.js';
import { describeByKeyboard, eventually } from './support/keyboard-admin.js';

// What an admin decides about technicians and their media.
describeByKeyboard('technicians', (admin) => {
  const { dialog, press, ask, confirm } = admin;
  let bench: Bench;
  let page: Page;
  beforeAll(() => void ({ bench, page } = admin));

  /** A technician with a license of his own and a stamped stick; a device that works with it. */
  const technician = async (name: string) => {
    const { id, licenseKey } = await newLicense(bench, {
      type: 'it_pro',
      term: 'subscription',
      startsAt: new Date(bench.clock - 3_600_000).toISOString().replace('.000', ''),
      validUntil: '2027-10-01T00:00:00Z',
      boundTo: { type: 'technician', id: name },
    });
    const stamp = (media: string) =>
      asPerson(bench, 'mediaStamp', {
        body: { media, base: 'linux', licensee: 'Acme', technician: name, validDays: 90 },
      });
    await stamp(`${name}-stick`);
    const start = async (media: string, on: string) => {
      const who = { licenseKey, product: PRODUCT, technician: name } as const;
      const body = { ...who, media, machine: on, machineOs: 'linux', operation: 'restore', nonce: nonce() } as const;
      return asDevice(bench, await newSigner(), 'sessionStart', body);
    };
    return { license: id, stick: `${name}-stick`, stamp, start };
  };
  const technicians = async () => {
    await admin.open('technicians');
    await page.getByRole('heading', { name: 'IT Pro licenses' }).waitFor();
  };
  const spoken = () => machineCode('salt', nonce(), sha256);

  test('the next technician is refused; the session in the way is taken over with notice from there', async () => {
    const { stick, stamp, start } = await technician('mika');
    await stamp('mika-spare');
    const begun = await start(stick, 'site-one');
    expect((await start('mika-spare', 'site-two')).status).toBe(409);
    await technicians();
    await press(page.locator('.refusals').getByRole('button', { name: 'End session: mika…' }));
    await dialog().getByText('No new work starts on site-one').waitFor();
    await confirm('End session');
    await page.locator('.session-row', { hasText: 'Finishing' }).waitFor();
    const { body } = await asPerson(bench, 'sessions', { query: '?status=finishing' });
    expect(body.rows.map(({ id }) => id)).toEqual([begun.body.session]);
  });

  test('checked out for work without a network: refused while it is busy, then a code that is shown once', async () => {
    const { license, stick, start } = await technician('ana');
    await technicians();
    await ask(page.getByRole('button', { name: `Check out: ${license}` }));
    await dialog().getByLabel('Machine code on the boot screen').focus();
    await page.keyboard.type('12345');
    await dialog().getByRole('alert').getByText('ten letters and digits', { exact: false }).waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type(await spoken());
    await eventually(() => dialog().getByRole('button', { name: 'Check out', exact: true }).isEnabled()).toBe(true);
    await press(dialog().getByRole('button', { name: 'Check out', exact: true }));
    const code = await dialog().locator('code').innerText();
    expect(code).toMatch(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/);
    await press(dialog().getByRole('button', { name: 'Close' }));
    const row = page.locator('.session-row', { hasText: stick });
    await row.getByText('Checked out · no network · code not fetched yet').waitFor();
    const fetched = await asDevice(bench, await newSigner(), 'voucherFetch', { product: PRODUCT, code });
    expect(fetched.status).toBe(200);
    await row.getByText('Checked out · no network', { exact: true }).waitFor();
    expect((await start(stick, 'elsewhere')).status).toBe(409);
    await press(row.getByRole('button', { name: 'End session…' }));
    await dialog().getByText('A voucher cannot be called back', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
  });

  test('a search says what it does not find, and hides no session from its license, its medium and its refusal', async () => {
    const { license, stick, stamp, start } = await technician('finn');
    await stamp('finn-spare');
    await start(stick, 'site-three');
    await start('finn-spare', 'site-four');
    await admin.open('technicians?search=no+such+thing');
    await page.getByText('No entries match the search').nth(2).waitFor();
    for (const untrue of ['No session is live.', 'Nothing was refused.', 'No boot medium is stamped yet'])
      expect(await page.getByText(untrue).count(), untrue).toBe(0);
    // The license and the medium are found by what the session does not say.
    await admin.open(`technicians?search=${license}`);
    await page.getByRole('row', { name: /finn/ }).getByText('In session').waitFor();
    await admin.open('technicians?search=AIP-9.6');
    await page.locator('.refusals').getByRole('button', { name: 'End session: finn…' }).waitFor();
  });

  test('an owner reassigns a license, and an operator is not offered to', async () => {
    const { license } = await technician('carla');
    await technicians();
    await ask(page.getByRole('button', { name: `Reassign: ${license}` }));
    await page.keyboard.type('dora');
    await dialog().getByText('AIP-9.7').waitFor();
    await confirm('Reassign');
    await page.getByRole('row', { name: new RegExp(`dora.*${license.slice(0, 6)}`) }).waitFor();
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'night', role: 'operator', validDays: 1 } });
    const other = await admin.browser.page('#/connect');
    await connectByClick(other, made.body.connection);
    await other.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await other.goto(`chrome-extension://${admin.browser.id}/console.html#/technicians`);
    await other
      .getByRole('button', { name: /^Check out/ })
      .first()
      .waitFor();
    expect(await other.getByRole('button', { name: /^Reassign/ }).count()).toBe(0);
    await other.close();
  });

  test('a medium is stamped with a PIN, and a one-time code is made for it, on record', async () => {
    await technicians();
    await ask(page.getByRole('button', { name: 'Register a medium' }));
    await page.keyboard.type('BE-9');
    await dialog().getByLabel('Technician').focus();
    await page.keyboard.type('mika');
    await page.keyboard.press('Tab');
    await page.keyboard.type('482913');
    await page.keyboard.press('Enter');
    await dialog().getByRole('button', { name: 'Save as file' }).waitFor();
    await press(dialog().getByRole('button', { name: 'Close' }));
    await ask(page.getByRole('button', { name: 'Make one-time code…' }));
    await dialog().getByLabel('Medium').selectOption('BE-9');
    await dialog().getByLabel('Challenge on the boot screen').focus();
    await page.keyboard.type(await spoken());
    await page.keyboard.press('Tab');
    await page.keyboard.type('front-07 for Ida');
    await eventually(() => dialog().getByRole('button', { name: 'Make one-time code' }).isEnabled()).toBe(true);
    await page.keyboard.press('Enter');
    await dialog()
      .getByText(/^[0-9A-Z]{5}-[0-9A-Z]{5}$/)
      .waitFor();
    await press(dialog().getByRole('button', { name: 'Close' }));
    await page.getByRole('row', { name: /BE-9.*front-07 for Ida/ }).waitFor();
  });
});
