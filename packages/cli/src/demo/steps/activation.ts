import { openLicense } from '@leasehold/sdk';
import { coverFor, DEMO_HOST } from '../cover.js';
import { readMachine } from '@leasehold/fingerprint';
import { leaseholdJson } from '../leasehold.js';
import { must, type Step, type Story } from '../story.js';

export const activationStep: Step = {
  title: 'An agent activates by license key and gets a signed lease',
  async run(story) {
    const { screen, place, keys, agent } = story;
    const cover = coverFor((await readMachine()).fingerprint('demo'));
    const key = keys.get(cover.license.id) ?? '';
    const status = await leaseholdJson(['activate', key, '--config', place.agentConfig], place.folder);
    must(status['state'] === 'licensed', `the agent is ${String(status['state'])}, not licensed`);
    screen.done(`Activated with ${key.slice(0, 8)}…; the lease runs until ${String(status['offlineUntil'])}.`);
    if (cover.settings.declaredHostId !== undefined) await confirmHost(story, String(status['instance']));

    const license = await openLicense(agent);
    try {
      const { state, backup } = license.status();
      must(state === 'licensed', 'the lease did not verify after a restart');
      screen.done(
        `Read again from disk and verified: lease → signing key → keyset → pinned root (${backup.reason_rule}).`,
      );
    } finally {
      await license.close();
    }
    return {};
  },
};

/** The guest said where it lives; the inventory of that host confirms it (F-1). */
async function confirmHost({ admin, screen }: Story, instance: string): Promise<void> {
  const host = { id: DEMO_HOST, kind: 'bare_metal', hypervisor: 'demo', guests: [instance] };
  await admin.call({ route: 'inventoryReport', body: { hosts: [host] } });
  screen.done('The inventory of its host confirms that this guest lives there.');
}
