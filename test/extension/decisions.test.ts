import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineCode } from '@leasehold/protocol';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import {
  Agent,
  asDevice,
  asPerson,
  machine,
  newLicense,
  nonce,
  PRODUCT,
  startBench,
  type Bench,
} from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';

const DAY = 86_400_000;
/** A loaded machine takes its time. */
const eventually = <T>(look: () => T | Promise<T>) => expect.poll(look, { timeout: 10_000 });

// What an admin decides about machines, technicians and their media, in a real Chromium against a real authority, with the keyboard alone.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('decisions in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    bench = await startBench(Date.parse('2026-11-23T14:14:00Z'));
    browser = await startChromium((await buildForTest()).chromium);
    await browser.allowHost(bench.authority.url);
    browser.context.setDefaultTimeout(20_000);
    page = await browser.page();
    await connectByClick(page, bench.authority.connectionFor(bench.ownerToken));
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });
  afterAll(async () => {
    await browser.close();
    await bench.close();
  });

  const active = async (name: string, seats = 1) => {
    const { id, licenseKey } = await newLicense(bench, { seats });
    const agent = await Agent.on(bench, name);
    await agent.activate(licenseKey);
    return { agent, license: id };
  };
  /** A state folder copied to a second machine, both heard until the copy is called one. */
  const forked = async (name: string, seats = 1) => {
    const { agent: original, license } = await active(name, seats);
    await original.checkIn();
    const copy = new Agent(bench, original.signer, machine(`${name} copy`));
    const { instance, lease, parent, entitlementsDigest } = original;
    Object.assign(copy, { instance, lease, parent, entitlementsDigest });
    for (const half of [copy, original, copy]) await half.checkIn();
    return { original, copy, license };
  };
  const detail = async ({ instance }: { instance: string }) =>
    (await asPerson(bench, 'machine', { params: { machine: instance } })).body;
  const open = async (id: string) => {
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines/${id}?search=${id}`);
    await page.locator('.detail').waitFor();
  };
  const dialog = () => page.getByRole('dialog');
  const press = async (button: Locator) => {
    await button.focus();
    await page.keyboard.press('Enter');
  };
  /** Opens a dialog and waits until it has the focus. */
  const ask = async (button: Locator) => {
    await press(button);
    await dialog().waitFor();
  };
  const startAct = (name: string) => ask(page.locator('.detail').getByRole('button', { name: `${name}…` }));
  /** Goes on by Tab to the dialog's act, which is open once the authority has answered, and presses it. */
  const confirm = async (name: string) => {
    const act = dialog().getByRole('button', { name, exact: true });
    const isReached = () => act.evaluate((each) => each === document.activeElement && each.matches(':enabled'));
    await eventually(async () => {
      if (!(await isReached())) await page.keyboard.press('Tab');
      return isReached();
    }).toBe(true);
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
  };

  test('a fork from the to-do to the end: the copy takes the place of its original, and the act says so before', async () => {
    const { original, copy, license } = await forked('replaced');
    await page.goto(`chrome-extension://${browser.id}/console.html#/overview`);
    await press(page.locator('.todo-row', { hasText: 'replaced' }).getByRole('link', { name: 'Decide' }));
    const box = page.getByRole('region', { name: /Which one is replaced/ });
    await box.getByText('Similarity').waitFor();
    await press(box.getByRole('button', { name: 'Keep the copy…' }));
    await dialog().getByText('The license moves to the replacement hardware.').waitFor();
    await dialog().getByText('F-7').waitFor();
    expect((await detail(copy)).fork?.decision).toBeNull();
    await confirm('Keep the copy');
    await box.waitFor({ state: 'detached' });
    expect(await detail(copy)).toMatchObject({ fork: { decision: 'replace' }, seats: [{ license }] });
    expect((await detail(original)).machine.marks).toEqual(['disposed']);
    await page.getByText('It took the place of its original.').waitFor();
  });

  test('a fork is licensed: without a free seat the authority says what is missing, with one it is done', async () => {
    const { copy, original } = await forked('second');
    await open(copy.instance);
    await press(page.getByRole('button', { name: 'License the copy…' }));
    const act = dialog().getByRole('button', { name: 'License the copy', exact: true });
    await eventually(() => act.isEnabled()).toBe(true);
    await press(act);
    await dialog().getByRole('alert').getByText('AIP-0.1', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    const { id } = await newLicense(bench);
    await press(page.getByRole('button', { name: 'License the copy…' }));
    const option = dialog().locator('option', { hasText: id });
    await option.waitFor({ state: 'attached' });
    await dialog().getByLabel('License').selectOption(id);
    await confirm('License the copy');
    await eventually(async () => (await detail(copy)).fork?.decision).toBe('license');
    expect((await detail(copy)).machine.coveredBy).toBe(id);
    expect((await detail(original)).machine.status).toBe('valid');
  });

  test('a fork is retired, and another open page shows it', async () => {
    const { copy } = await forked('kept');
    const other = await browser.page(`#/machines?search=${copy.instance}`);
    await other.locator('.chip', { hasText: 'Fork' }).waitFor();
    await open(copy.instance);
    await press(page.getByRole('button', { name: 'Keep the original…' }));
    await dialog().getByText('Restores on the copy stay open.').waitFor();
    await confirm('Keep the original');
    await other.locator('.chip', { hasText: 'Released' }).waitFor();
    await other.close();
  });

  test('dead, contradicted, back in service: with author, note and time', async () => {
    const { agent } = await active('doubtful');
    await open(agent.instance);
    await startAct('Take out of service');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type('burnt in May');
    await confirm('Take out of service');
    await page.getByText('burnt in May').waitFor();
    expect((await detail(agent)).declarations).toMatchObject([{ kind: 'dead', note: 'burnt in May' }]);
    await agent.checkIn();
    await page.locator('.chip', { hasText: 'Gone, but spoke' }).waitFor();
    await page.getByText('spoke again', { exact: false }).waitFor();
    await startAct('Put back in service');
    await confirm('Put back in service');
    await page.getByText('withdrawn', { exact: false }).waitFor();
    expect((await detail(agent)).machine).toMatchObject({ marks: [], status: 'valid' });
  });

  test('new hardware replaces old: the machine is found by its name, the rule is named, the license moves', async () => {
    const { agent: old, license } = await active('old-box');
    const { agent: fresh } = await active('new-box');
    await open(fresh.instance);
    await startAct('Replaces another machine');
    const picker = dialog().getByLabel('Machine', { exact: true });
    await picker.focus();
    await page.keyboard.type('old-box');
    await dialog().getByText('The license moves to the replacement hardware.').waitFor();
    await confirm('Replaces another machine');
    await eventually(async () => (await detail(fresh)).seats.map((seat) => seat.license)).toContain(license);
    expect((await detail(old)).machine.marks).toEqual(['disposed']);
  });

  test('a standby is declared and a license held for it before it ever runs', async () => {
    const { agent } = await active('front');
    const { id: license } = await newLicense(bench);
    await open(agent.instance);
    await startAct('Declare a standby');
    await page.keyboard.type('front-standby');
    await confirm('Declare a standby');
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines?search=front-standby`);
    await page.getByText('Not started yet').waitFor();
    await press(page.getByRole('button', { name: /front-standby/ }));
    await startAct('Bind a license');
    await dialog().locator('option', { hasText: license }).waitFor({ state: 'attached' });
    await dialog().getByLabel('License').selectOption(license);
    await confirm('Bind a license');
    await page.locator('.col-cover', { hasText: license.slice(0, 8) }).waitFor();
  });

  test('a machine that is silent for too long: proposed by D-10, and its seat taken back', async () => {
    const { agent } = await active('silent');
    bench.clock += 33 * DAY;
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines?mark=stale`);
    await page.getByRole('button', { name: 'silent' }).waitFor();
    const { total } = (await asPerson(bench, 'machines', { query: '?mark=stale' })).body;
    await page
      .getByRole('option', { name: new RegExp(`^Silent over 31 d\\s+${total}$`) })
      .waitFor({ state: 'attached' });
    await open(agent.instance);
    await page.locator('.detail').getByText('release', { exact: false }).first().waitFor();
    await startAct('Take the seat back');
    await dialog().getByText('D-10').waitFor();
    await confirm('Take the seat back');
    await page.locator('.chip', { hasText: 'Released' }).waitFor();
  });

  test('agentless backups are counted against what the host licenses cover', async () => {
    const { agent } = await active('hyper-agent');
    const hosts = [{ id: 'esx-1', name: 'esx-1', kind: 'bare_metal', hypervisor: 'vmware', guests: [] }] as const;
    const hyperAgents = [{ machine: agent.instance, hosts: ['esx-1'], agentlessInUse: true }];
    await asPerson(bench, 'inventoryReport', { body: { hosts: structuredClone(hosts) as never, hyperAgents } });
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines?search=hyper-agent`);
    await page.getByText('Agentless: 1 of 0 HyperAgent machines').waitFor();
  });

  test('a host that nobody tells of any more is forgotten: what becomes of its guests is said before', async () => {
    const host = { id: 'esx-9', name: 'esx-gone', kind: 'bare_metal', hypervisor: 'vmware', guests: ['g-1', 'g-2'] };
    await asPerson(bench, 'inventoryReport', { body: { hosts: [host] as never } });
    bench.clock += 32 * DAY;
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines`);
    const notice = page.getByRole('row', { name: /Nobody has told of this host since/ });
    await ask(notice.getByRole('button', { name: 'Forget the host…' }).last());
    await dialog().getByText('2 guests leave it').waitFor();
    await dialog().getByText('2 of them are on no known host then.').waitFor();
    await confirm('Forget the host');
    await page.getByRole('button', { name: /^esx-gone/ }).waitFor({ state: 'detached' });
  });

  test('a host that a second company tells of says so, and stays with the first', async () => {
    const teller = async (company: string) => {
      await asPerson(bench, 'companyCreate', { body: { id: company, name: company } });
      const agent = await Agent.on(bench, `server of ${company}`);
      await agent.activate((await newLicense(bench, { companyId: company })).licenseKey);
      return (name: string) => {
        const host = {
          id: 'esx-both',
          name,
          kind: 'bare_metal',
          hypervisor: 'kvm',
          guests: [],
          digest: 'd'.repeat(43),
        };
        const takenAt = new Date(bench.clock).toISOString();
        const about = { instance: agent.instance, product: PRODUCT, takenAt, unchanged: [], agentlessInUse: true };
        return asDevice(bench, agent.signer, 'inventory', { ...about, hosts: [host] as never });
      };
    };
    const [first, second] = [await teller('alder'), await teller('birch')];
    expect((await first('esx-alder')).status).toBe(200);
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines`);
    await page.getByRole('button', { name: /^esx-alder/ }).waitFor();
    const notice = page.getByText(/of another company told of this host too/);
    expect(await notice.count()).toBe(0);
    expect((await second('esx-birch')).status).toBe(200);
    await notice.waitFor();
    await page.getByText('a host is of the company that told of it first').waitFor();
    expect(await page.getByRole('button', { name: /^esx-birch/ }).count()).toBe(0);
  });

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
    await page.goto(`chrome-extension://${browser.id}/console.html#/technicians`);
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

  test('an owner reassigns a license, and an operator is not offered to', async () => {
    const { license } = await technician('carla');
    await technicians();
    await ask(page.getByRole('button', { name: `Reassign: ${license}` }));
    await page.keyboard.type('dora');
    await dialog().getByText('AIP-9.7').waitFor();
    await confirm('Reassign');
    await page.getByRole('row', { name: new RegExp(`dora.*${license.slice(0, 6)}`) }).waitFor();
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'night', role: 'operator', validDays: 1 } });
    const other = await browser.page('#/connect');
    await connectByClick(other, made.body.connection);
    await other.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await other.goto(`chrome-extension://${browser.id}/console.html#/technicians`);
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
    await dialog().getByRole('link', { name: 'Save as file' }).waitFor();
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
