import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Agent, asPerson, machine, newLicense, startBench, type Bench } from '../support/authority.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';

const DAY = 86_400_000;

// What an admin decides about machines, in a real Chromium against a real authority, with the keyboard alone.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('machines in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    bench = await startBench(Date.parse('2026-11-23T14:14:00Z'));
    browser = await startChromium((await buildForTest()).chromium);
    await browser.allowHost(bench.authority.url);
    browser.context.setDefaultTimeout(10_000);
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
    await page.goto('about:blank');
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines/${id}?search=${id}`);
    await page.locator('.detail').waitFor();
  };
  const dialog = () => page.getByRole('dialog');
  const press = async (button: Locator) => {
    await button.focus();
    await page.keyboard.press('Enter');
  };
  const startAct = (name: string) => press(page.locator('.detail').getByRole('button', { name: `${name}…` }));
  /** Goes on by Tab to the dialog's act, which is open once the authority has answered, and presses it. */
  const confirm = async (name: string) => {
    const act = dialog().getByRole('button', { name, exact: true });
    const isReached = () => act.evaluate((each) => each === document.activeElement && each.matches(':enabled'));
    await expect
      .poll(async () => {
        if (!(await isReached())) await page.keyboard.press('Tab');
        return isReached();
      })
      .toBe(true);
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
    await expect.poll(() => act.isEnabled()).toBe(true);
    await press(act);
    await dialog().getByRole('alert').getByText('AIP-0.1', { exact: false }).waitFor();
    await page.keyboard.press('Escape');
    const { id } = await newLicense(bench);
    await press(page.getByRole('button', { name: 'License the copy…' }));
    const option = dialog().locator('option', { hasText: id });
    await option.waitFor({ state: 'attached' });
    await dialog().getByLabel('License').selectOption(id);
    await confirm('License the copy');
    await expect.poll(async () => (await detail(copy)).fork?.decision).toBe('license');
    expect((await detail(copy)).machine.coveredBy).toBe(id);
    expect((await detail(original)).machine.status).toBe('valid');
  });

  test('a fork is retired, and another open page shows it within a second', async () => {
    const { copy } = await forked('kept');
    const other = await browser.page(`#/machines?search=${copy.instance}`);
    await other.locator('.chip', { hasText: 'Fork' }).waitFor();
    await open(copy.instance);
    await press(page.getByRole('button', { name: 'Keep the original…' }));
    await dialog().getByText('Restores on the copy stay open.').waitFor();
    await confirm('Keep the original');
    await other.locator('.chip', { hasText: 'Released' }).waitFor({ timeout: 3000 });
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
    await expect.poll(async () => (await detail(fresh)).seats.map((seat) => seat.license)).toContain(license);
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
    await open(agent.instance);
    await page.locator('.detail').getByText('release', { exact: false }).first().waitFor();
    await startAct('Take the seat back');
    await dialog().getByText('D-10').waitFor();
    await confirm('Take the seat back');
    await page.locator('.chip', { hasText: 'Released' }).waitFor();
  });
});
