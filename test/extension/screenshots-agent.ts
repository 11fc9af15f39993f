import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { startBench } from '../support/authority.js';
import { startLocalAgent } from '../support/local-agent.js';
import { buildForTest } from './support/build.js';
import { startChromium } from './support/chromium.js';
import { installNativeHost, newProfile, withPermissions } from './support/native-host.js';
import { choosePreferences, settled } from './support/northlake-console.js';

type Shoot = (page: Page, name: string, open: () => Promise<void>, choose: typeof choosePreferences) => Promise<void>;

/** This machine in each of its states, without any connection. */
export async function agentPictures(inEveryLook: Shoot): Promise<void> {
  const { profile, remove } = newProfile();
  const plain = (await buildForTest()).chromium;
  const granted = withPermissions(plain);
  const bench = await startBench(Date.now());
  const agent = await startLocalAgent(bench);
  const browser = await startChromium(granted, { profile });
  const page = await browser.page('#/agent');
  const open = async () => {
    await page.reload();
    await settled(page);
  };
  await inEveryLook(page, 'agent-no-host', open, choosePreferences);
  await installNativeHost(profile, agent.config);
  await inEveryLook(page, 'agent', open, choosePreferences);
  await bench.authority.close();
  await page.locator('.page-aside .button').last().click();
  await settled(page);
  await inEveryLook(page, 'agent-offline', open, choosePreferences);
  await agent.license.close();
  await browser.close();
  await bench.close();
  rmSync(granted, { recursive: true });
  remove();
}
