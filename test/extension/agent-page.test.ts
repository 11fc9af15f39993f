import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBench, type Bench } from '../support/authority.js';
import { startLocalAgent, type LocalAgent } from '../support/local-agent.js';
import { buildForTest } from './support/build.js';
import { CHROMIUM, lacks, NO_CHROMIUM, startChromium, type Chromium } from './support/chromium.js';
import { installNativeHost, newProfile, withPermissions } from './support/native-host.js';

// A real agent, the real native host, a real browser; no authority is connected to the console.
describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('This machine in Chromium (needs Chromium)', () => {
  let bench: Bench;
  let agent: LocalAgent;
  let browser: Chromium;
  let folder: string;
  const { profile, remove } = newProfile();
  beforeAll(async () => {
    folder = withPermissions((await buildForTest()).chromium);
    bench = await startBench(Date.now());
    agent = await startLocalAgent(bench);
    browser = await startChromium(folder, { profile });
  });
  afterAll(async () => {
    await browser.close();
    await agent.close();
    await bench.close();
    rmSync(folder, { recursive: true });
    remove();
  });

  test('without a host it says which command makes one, and finds it once it is there', async () => {
    const page = await browser.page('#/agent');
    await page.getByText('No native host is installed here').waitFor();
    await page.getByText('leasehold native-host install').waitFor();
    await installNativeHost(profile, agent.config);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This machine can back up', { exact: true }).waitFor();
    await page.close();
  });

  test('shows lease, check-in and parts by name with no connection at all; Update asks the authority', async () => {
    const page = await browser.page('#/agent');
    await page.getByText('Offline until').waitFor();
    await page.getByText('Machine id').waitFor();
    const before = agent.license.status().lastContact;
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByRole('button', { name: 'Update' }).waitFor();
    expect(Date.parse(agent.license.status().lastContact!)).toBeGreaterThan(Date.parse(before!));
    const shown = await page.locator('main').innerText();
    for (const { hash } of Object.values(agent.license.diagnostics().machine.components).flatMap((part) =>
      part.state === 'value' ? [part] : [],
    )) {
      expect(shown).not.toContain(hash);
    }
    await page.close();
  });

  test('works while no authority answers, and says since when the agent is alone', async () => {
    const port = Number(new URL(bench.authority.url).port);
    await bench.authority.close();
    const page = await browser.page('#/agent');
    await page.getByText('This machine can back up', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Update' }).click();
    await page.getByText('Offline · within its lease').waitFor();
    await page.close();
    await bench.restart(port);
  });

  test('an agent that gave its seat back makes no new backups; restores stay open', async () => {
    await agent.license.deactivate();
    const page = await browser.page('#/agent');
    await page.getByText('This machine makes no new backups').waitFor();
    await page.getByText('Not activated').waitFor();
    await page.getByText('Restores are open').waitFor();
    await page.close();
  });
});

describe.skipIf(lacks(CHROMIUM, NO_CHROMIUM))('before the browser allowed it (needs Chromium)', () => {
  test('nothing is asked for until the button, and the rest of the console needs none of it', async () => {
    const browser = await startChromium((await buildForTest()).chromium);
    try {
      const page = await browser.page('#/agent');
      await page.getByRole('button', { name: 'Show this machine' }).waitFor();
      await page.getByRole('link', { name: 'Connect an authority' }).click();
      await page.getByRole('heading', { name: 'Connect an authority' }).waitFor();
      await page.getByRole('link', { name: 'See the agent of this machine instead' }).waitFor();
    } finally {
      await browser.close();
    }
  });
});
