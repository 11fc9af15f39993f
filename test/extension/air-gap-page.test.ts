import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLicense, type License, type RequestPurpose } from '@leasehold/sdk';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asPerson, newLicense, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { CHROMIUM, lacks, NO_CHROMIUM, type Chromium } from './support/chromium.js';
import { choosePreferences } from './support/northlake-console.js';
import { openConsole } from './support/open-console.js';

// Real machines that reach no authority, and the page that answers their files, in a real Chromium: by the keyboard alone.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('offline machines in Chromium (needs Chromium)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-air-gap-'));
  const machines: License[] = [];
  let bench: Bench;
  let stranger: Bench;
  let browser: Chromium;
  let page: Page;
  beforeAll(async () => {
    bench = await startBench(Date.now());
    stranger = await startBench(Date.now());
    ({ browser, page } = await openConsole(bench));
    await page.goto(`chrome-extension://${browser.id}/console.html#/exchange`);
    await page.getByRole('heading', { level: 1, name: 'Offline machines' }).waitFor();
  });
  afterAll(async () => {
    for (const machine of machines) await machine.close();
    await browser.close();
    await bench.close();
    await stranger.close();
    rmSync(folder, { recursive: true });
  });

  /** A machine in a locked room with a key of the authority. */
  const locked = async (name: string, of: Bench, product = PRODUCT) => {
    const { id, licenseKey } = await newLicense(of, { type: 'linux' });
    const machine = await openLicense({
      product,
      version: '12.1',
      roots: [of.rootJwk],
      stateDir: join(folder, name),
      instanceId: name,
      label: name,
      activation: { key: licenseKey },
    });
    machines.push(machine);
    return { id, machine };
  };
  const request = async (machine: License, purpose: RequestPurpose) => {
    const made = await machine.requestFile(purpose);
    if (!made.ok) throw new Error(made.problem.message);
    return made.file;
  };
  const field = () => page.locator('textarea');
  const put = async (text: string) => {
    await field().focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };
  /** Goes on by Tab from the request to the form's button, and presses it. */
  const submit = async () => {
    await field().focus();
    const button = page.locator('form.exchange button[type="submit"]:enabled');
    for (let i = 0; i < 4 && !(await button.evaluate((each) => each === document.activeElement)); i += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
  };
  /** Looks, answers, and gives the file that was saved. */
  const answer = async () => {
    await submit();
    await page.locator('form.exchange dl').waitFor();
    const asked = await page.locator('form.exchange dl').innerText();
    const saving = page.waitForEvent('download');
    await page.keyboard.press('Enter');
    const file = await saving;
    return { asked, name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const anew = async () => {
    // The focus is where one goes on.
    await page.locator('button:focus', { hasText: 'Another request' }).waitFor();
    await page.keyboard.press('Enter');
    await field().waitFor();
  };

  test('activated, its usage handed in, its seat given back: each by a file in and the file that is saved', async () => {
    const { id, machine } = await locked('vault-1', bench);
    const chosen = join(folder, 'ask.txt');
    writeFileSync(chosen, await request(machine, 'activate'));
    page.on('filechooser', (chooser) => void chooser.setFiles(chosen));
    await page.getByRole('button', { name: 'Choose a file…' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => field().inputValue()).toContain('BEGIN LEASEHOLD REQUEST');
    const activated = await answer();
    expect(activated.asked).toMatch(/Activation[\s\S]*vault-1 · not known yet/);
    expect(activated.name).toBe('answer-vault-1.txt');
    expect(await machine.responseFile(activated.text)).toMatchObject({ ok: true, status: { state: 'licensed' } });
    await anew();

    for (let run = 0; run < 3; run += 1) machine.usage.record({ kind: 'backup', bytes: 1000 });
    await expect.poll(() => machine.usage.health().waiting).toBe(3);
    await put(await request(machine, 'renew'));
    const renewed = await answer();
    expect(renewed.asked).toMatch(/Check-in[\s\S]*vault-1 · inst_[\s\S]*3 usage records/);
    expect(await machine.responseFile(renewed.text)).toMatchObject({ ok: true });
    expect(machine.usage.health().waiting).toBe(0);
    expect((await asPerson(bench, 'machines')).body.rows).toMatchObject([{ name: 'vault-1', jobs: 3 }]);
    await anew();

    await put(await request(machine, 'deactivate'));
    const back = await answer();
    expect(back.asked).toContain('Giving its seat back');
    expect(await machine.responseFile(back.text)).toMatchObject({ ok: true, status: { state: 'not_activated' } });
    const licenses = (await asPerson(bench, 'licenses')).body.rows;
    expect(licenses.find((row) => row.id === id)).toMatchObject({ used: 0 });
    await anew();
  });

  test('a file that cannot be answered says why in both languages, keeps what was pasted, and changes nothing', async () => {
    const { machine } = await locked('vault-2', bench);
    const first = await request(machine, 'activate');
    const used = await asPerson(bench, 'exchange', { body: { file: first } });
    await machine.responseFile(used.body.file!);
    // It has gone on since: only its newest answer is given again.
    const next = await asPerson(bench, 'exchange', { body: { file: await request(machine, 'renew') } });
    await machine.responseFile(next.body.file!);
    const { machine: foreign } = await locked('vault-3', stranger);
    const itsKey = await request(foreign, 'activate');
    await foreign.responseFile((await asPerson(stranger, 'exchange', { body: { file: itsKey } })).body.file!);
    const renewal = await request(machine, 'renew');
    const near = renewal.length - 70;
    const edited = `${renewal.slice(0, near)}${renewal[near] === 'A' ? 'B' : 'A'}${renewal.slice(near + 1)}`;
    const { machine: other } = await locked('vault-4', bench, 'another-product');
    const causes = [
      ['no request', /This is not a whole request file/, /要求ファイルの全体ではありません/],
      [renewal.slice(0, 300), /This is not a whole request file/, /要求ファイルの全体ではありません/],
      [used.body.file!, /A response file goes back to the machine/, /応答ファイルはマシンに戻すもの/],
      [edited, /The file was changed after the machine had sealed it/, /署名後にファイルが変更されています/],
      [first, /This request was answered before/, /この要求には応答済みです/],
      [itsKey, /does not know the license key/, /ライセンスキーは、このオーソリティにありません/],
      [await request(foreign, 'renew'), /does not know the machine/, /このマシンは、このオーソリティにありません/],
      [await request(other, 'activate'), /The request is for another product/, /別の製品の要求です/],
    ] as const;
    const { seq } = (await asPerson(bench, 'me')).body;
    for (const [language, which] of [
      ['en', 1],
      ['ja', 2],
    ] as const) {
      await choosePreferences(page, { language });
      await page.locator(`html[lang="${language}"]`).waitFor({ state: 'attached' });
      for (const cause of causes) {
        await put(cause[0]);
        await submit();
        // What only the doing finds out is said then, in the same place.
        const said = page.getByRole('alert').or(page.locator('form.exchange dl'));
        await said.first().waitFor();
        if ((await page.getByRole('alert').count()) === 0) await page.keyboard.press('Enter');
        await page.getByRole('alert').getByText(cause[which]).waitFor();
        expect(await field().inputValue()).toBe(cause[0]);
      }
    }
    expect((await asPerson(bench, 'me')).body.seq).toBe(seq);
  });
});
