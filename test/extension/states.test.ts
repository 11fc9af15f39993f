import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { formatConnection, parseConnection } from '@leasehold/protocol';
import { Agent, asPerson, newLicense, startBench, type Bench } from '../support/authority.js';
import { TcpBalancer } from '../support/tcp-balancer.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, connectByClick, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';
import { newProfile } from './support/native-host.js';

/** What an authority that means harm would write where a name belongs. */
const HOSTILE = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('states of the console in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let folder: string;
  let browser: Chromium;
  /** The network between the browser and the authority. */
  let network: TcpBalancer;
  const { profile, remove } = newProfile();
  beforeAll(async () => {
    folder = (await buildForTest()).chromium;
    bench = await startBench(Date.now());
    network = await TcpBalancer.start([port()]);
    browser = await startChromium(folder, { profile });
    await browser.allowHost(address());
    const page = await browser.page();
    await connectByClick(page, connection(bench.ownerToken));
    await live(page);
  });
  afterAll(async () => {
    await browser.close();
    await network.close();
    await bench.close();
    remove();
  });

  afterEach(() => network.useOnly([port()]));

  const port = () => Number(new URL(bench.authority.url).port);
  const address = () => `http://127.0.0.1:${network.port}`;
  const connection = (token: string) => formatConnection({ url: address(), roots: [bench.rootJwk.x], token });
  const company = (name: string) => asPerson(bench, 'companyCreate', { body: { name } });
  const head = async () => (await asPerson(bench, 'me')).body;

  const live = (page: Page) => page.getByRole('navigation').getByText('Live · verified').waitFor();

  test('script in names is text: in every page, in the popup, in the title', async () => {
    const hostile = await company(HOSTILE);
    expect(hostile.status).toBe(200);
    const license = {
      id: HOSTILE.slice(0, 120),
      profile: 'msp',
      type: HOSTILE.slice(0, 120),
      kind: 'commercial',
    } as const;
    const more = {
      term: 'subscription',
      companyId: hostile.body.id!,
      seats: 1,
      validUntil: '2030-05-05',
      autoRenew: false,
    };
    await asPerson(bench, 'licensesCreate', { body: { licenses: [{ ...license, ...more, term: 'subscription' }] } });
    const page = await browser.page();
    for (const place of ['overview', 'licenses', 'pools', 'machines', 'technicians', 'plan', 'activity', 'settings']) {
      await page.goto(`chrome-extension://${browser.id}/console.html#/${place}`);
      await page.reload();
      await live(page);
      expect(await page.title(), place).not.toContain('taken');
      expect(await page.locator('img').count(), place).toBe(0);
      expect(await page.locator('main script').count(), place).toBe(0);
    }
    await page.goto(`chrome-extension://${browser.id}/console.html#/activity`);
    await page.getByText('<img src=x', { exact: false }).first().waitFor();
    const popup = await browser.popup();
    expect(await popup.locator('img').count()).toBe(0);
    await popup.close();
    await page.close();
  });

  test('pages that nobody sees hold no stream: the seventh is live too, and whoever looks again has what was missed', async () => {
    const hide = (page: Page, state: DocumentVisibilityState) =>
      page.evaluate((now) => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => now });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    // A browser opens six connections to one host.
    const pages: Page[] = [];
    for (let n = 0; n < 7; n += 1) {
      const page = await browser.page('#/activity');
      await live(page);
      await hide(page, 'hidden');
      pages.push(page);
    }
    await company('Made unseen');
    await hide(pages[0]!, 'visible');
    await live(pages[0]!);
    await pages[0]!.getByText('Made unseen').first().waitFor();
    expect(await pages[1]!.getByText('Made unseen').count()).toBe(0);
    for (const page of pages) await page.close();
  });

  test('a browser that was started again is connected, verified from where it was, with the reader’s choices', async () => {
    const before = await browser.page('#/settings');
    await before.getByRole('radio', { name: '日本語' }).check();
    await before.getByText('設定', { exact: true }).first().waitFor();
    await browser.close();
    await asPerson(bench, 'companyCreate', { body: { name: 'Made meanwhile' } });
    browser = await startChromium(folder, { profile });
    const page = await browser.page('#/activity');
    await page.getByRole('navigation').getByText('接続中 · 検証済み').waitFor();
    await page.getByText('Made meanwhile', { exact: false }).first().waitFor();
    await page.goto(`chrome-extension://${browser.id}/console.html#/settings`);
    await page.getByRole('radio', { name: 'English' }).check();
    await page.close();
  });

  test('an authority that was started again is live again by itself, on the page that was open', async () => {
    const page = await browser.page('#/activity');
    await live(page);
    await bench.restart(port());
    await live(page);
    await company('After the restart');
    await page.getByText('After the restart', { exact: false }).first().waitFor();
    await page.close();
  });

  test('an authority that came back from a backup: said once, everything loaded again, nothing of the lost time left', async () => {
    const database = join(bench.folder, 'authority.db');
    await company('In the backup');
    await bench.authority.close();
    await cp(database, `${database}.backup`);
    await bench.restart(port());
    const page = await browser.page('#/activity');
    await live(page);
    for (const n of [1, 2, 3]) await company(`Lost with the restore ${n}`);
    await page.getByText('Lost with the restore 3', { exact: false }).waitFor();
    const { epoch } = await head();
    await bench.authority.close();
    await rm(`${database}-wal`, { force: true });
    await cp(`${database}.backup`, database);
    await bench.restart(port());
    await page.getByText('The authority was restored from a backup. Everything was loaded again').waitFor();
    await live(page);
    await page.getByText('In the backup', { exact: false }).waitFor();
    expect(await page.getByText('Lost with the restore', { exact: false }).count()).toBe(0);
    expect((await head()).epoch).toBe(epoch + 1);
    await company('After the backup');
    await page.getByText('After the backup', { exact: false }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    expect(await page.getByText('Everything was loaded again').count()).toBe(0);
    await page.close();
  });

  test('a network that is gone for an hour: since when, nothing empty, and back by itself with what came meanwhile', async () => {
    const { licenseKey } = await newLicense(bench);
    await (await Agent.on(bench, 'known-before')).activate(licenseKey);
    const page = await browser.context.newPage();
    await page.clock.install();
    await page.goto(`chrome-extension://${browser.id}/console.html#/machines`);
    await live(page);
    await page.getByRole('button', { name: 'known-before' }).waitFor();
    network.useOnly([]);
    const banner = page.getByText(/^Offline since .*What you see is as it was then/);
    await banner.waitFor();
    const since = await banner.textContent();
    for (let minute = 0; minute < 60; minute += 5) await page.clock.fastForward('05:00');
    expect(await banner.textContent()).toBe(since);
    await page.getByRole('button', { name: 'known-before' }).waitFor();
    const go = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();
    await go('Overview');
    await page.getByText('1 of 1 machines can back up').waitFor();
    await banner.waitFor();
    await go('Machines and hosts');
    await page.getByRole('button', { name: 'known-before' }).waitFor();
    const popup = await browser.popup();
    await popup.getByText('Offline since', { exact: false }).waitFor();
    await popup.getByText('1 of 1 can back up').waitFor();
    await popup.close();
    bench.clock += 3_600_000;
    const { licenseKey: another } = await newLicense(bench);
    await (await Agent.on(bench, 'came-meanwhile')).activate(another);
    network.useOnly([port()]);
    await page.clock.fastForward('00:31');
    await live(page);
    await page.getByRole('button', { name: 'came-meanwhile' }).waitFor();
    expect(await banner.count()).toBe(0);
    await page.close();
  });

  test('the worker is killed in mid-stream, and the page loses its stream there: both go on without gap or repeat', async () => {
    const page = await browser.page('#/activity');
    await live(page);
    network.useOnly([]);
    await page.getByText('Offline since', { exact: false }).first().waitFor();
    await browser.killWorker();
    const from = (await head()).seq;
    const license = { profile: 'msp', type: 'server', kind: 'commercial', term: 'subscription' } as const;
    const more = { companyId: null, seats: 1, validUntil: '2040-01-01', autoRenew: false } as const;
    for (let batch = 0; batch < 30; batch += 1) {
      const licenses = Array.from({ length: 25 }, (_, i) => ({ ...license, ...more, id: `SV-${batch}-${i}` }));
      expect((await asPerson(bench, 'licensesCreate', { body: { licenses } })).status).toBe(200);
    }
    let held = 0;
    network.loseReplies((reply) => {
      if (!reply.includes('event: row')) return false;
      held += 1;
      network.goSilent(true);
      return false;
    });
    network.useOnly([port()]);
    await page.evaluate(() => {
      dispatchEvent(new Event('online'));
      const { chrome } = globalThis as unknown as { chrome: { runtime: { sendMessage(text: string): Promise<void> } } };
      void chrome.runtime.sendMessage('look').catch(() => undefined);
    });
    await expect.poll(() => held, { timeout: 10_000 }).toBeGreaterThan(0);
    await browser.killWorker();
    network.loseReplies(() => false);
    network.useOnly([]);
    network.goSilent(false);
    network.useOnly([port()]);
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await live(page);
    const { seq, epoch } = await head();
    const cells = page.locator('.entries > tbody > tr > td:first-child');
    const numbers = async () => (await cells.allInnerTexts()).map(Number);
    await expect.poll(async () => (await numbers())[0]).toBe(seq);
    const shown = await numbers();
    expect(shown.slice(0, seq - from)).toEqual(Array.from({ length: seq - from }, (_, i) => seq - i));
    expect(new Set(shown).size).toBe(shown.length);
    const popup = await browser.popup();
    await popup.getByText('Live · verified').waitFor();
    const anchors = await popup.evaluate(async () => {
      const { chrome } = globalThis as unknown as { chrome: { storage: { local: { get(): Promise<object> } } } };
      const kept = Object.entries(await chrome.storage.local.get());
      return kept.filter(([key]) => key.startsWith('trust:')).map(([, { anchor }]) => anchor as object);
    });
    expect(anchors).toMatchObject([{ epoch, seq }]);
    await popup.close();
    await page.close();
  });

  test('a token that is revoked while one looks: nothing is shown any more, and a new one leads back', async () => {
    const made = await asPerson(bench, 'tokenCreate', { body: { name: 'night', role: 'operator', validDays: 1 } });
    const page = await browser.page('#/connect');
    await connectByClick(page, connection(parseConnection(made.body.connection).token));
    await live(page);
    await asPerson(bench, 'tokenRevoke', { params: { token: made.body.id }, body: {} });
    await page.getByText('The token is not accepted').waitFor();
    await page.getByText('Not signed in').first().waitFor();
    expect(await page.getByText('known-before').count()).toBe(0);
    const popup = await browser.popup();
    await popup.getByText('The token is no longer accepted', { exact: false }).waitFor();
    await popup.close();
    await page.getByRole('link', { name: 'Connect again' }).click();
    await connectByClick(page, connection(bench.ownerToken));
    await live(page);
    await page.close();
  });
});
