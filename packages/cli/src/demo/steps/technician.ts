import { openLicense, type License, type TechnicianOutcome } from '@leasehold/sdk';
import type { AdminClient } from '../../admin/client.js';
import { must, type Step } from '../story.js';

const MEDIA = ['usb-1', 'usb-2'] as const;

/** A technician's media carry his name in their passports. */
async function stampMedia(admin: AdminClient): Promise<void> {
  for (const media of MEDIA) {
    const body = { media, base: 'linux', licensee: 'Demo', technician: 'anna', validDays: 365 };
    await admin.call({ route: 'mediaStamp', body });
  }
}

const start = (license: License, licenseKey: string, machine: string, media: string): Promise<TechnicianOutcome> =>
  license.technician.start({
    licenseKey,
    technician: 'anna',
    technicianName: 'Anna',
    machine,
    media,
    operation: 'backup',
  });

export const technicianStep: Step = {
  title: 'IT Pro: one session at a time, and the second is told by whom it is taken',
  async run({ screen, admin, keys, agent }) {
    await stampMedia(admin);
    const key = keys.get('it-pro') ?? '';
    const license = await openLicense(agent);
    try {
      const first = await start(license, key, 'customer-server-1', 'usb-1');
      must(first.started, `the first session did not start: ${first.started ? '' : first.problem.message}`);
      screen.done(`Anna works on customer-server-1 with usb-1, until ${first.session.until}.`);

      const second = await start(license, key, 'customer-server-2', 'usb-2');
      must(!second.started, 'a second session started at the same time');
      const { holder, decision } = second;
      must(holder !== undefined, `who holds it was not told: ${second.problem.message}`);
      screen.refused(`A second one is refused by ${decision.reason_rule} (${String(decision.code)}).`);
      screen.note(
        `Held by ${holder.technicianName ?? holder.technician} on ${holder.machine} with ${holder.media}, until ${holder.until}.`,
      );

      must((await license.technician.end(first.session)) === undefined, 'the first session could not be ended');
      const third = await start(license, key, 'customer-server-2', 'usb-2');
      must(third.started, 'it did not start after the first had ended');
      screen.done('Once the first has ended, it starts.');
      await license.technician.end(third.session);
    } finally {
      await license.close();
    }
    return {};
  },
};
