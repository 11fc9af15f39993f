import { openLicense, type License, type MediaAnswer } from '@leasehold/sdk';
import type { AdminClient } from '../../admin/client.js';
import { must, type Step } from '../story.js';

/** Issues the passport of a medium, as the console does. */
async function stamp(admin: AdminClient, media: string, base: 'linux' | 'winpe'): Promise<string> {
  const body = { media, base, licensee: 'Demo', validDays: 365 };
  return String((await admin.call({ route: 'mediaStamp', body }))['passport']);
}

/** The passport with one letter of its claims changed: the same form, another content. */
function edit(passport: string): string {
  const [head, claims = '', signature] = passport.split('.');
  const text = Buffer.from(claims, 'base64url').toString().replace('Demo', 'Damo');
  return [head, Buffer.from(text).toString('base64url'), signature].join('.');
}

const use = (license: License, passport: string | null, base: 'linux' | 'winpe'): Promise<MediaAnswer> =>
  license.media.use({ passport, base, purpose: 'system_recovery' });

export const bootMediaStep: Step = {
  title: 'Boot media: only a stamped one of the right base works on a covered machine',
  async run({ screen, authority, admin, agent }) {
    await authority.start();
    const [linux, winpe] = [await stamp(admin, 'usb-linux', 'linux'), await stamp(admin, 'usb-winpe', 'winpe')];
    const license = await openLicense(agent);
    try {
      const allowed = await use(license, linux, 'linux');
      must(allowed.allowed, `the stamped medium was refused: ${allowed.explain().sentence}`);
      screen.done(`Stamped Linux medium: allowed (${allowed.reason_rule}).`);
      const wrong = [
        ['Without a stamp', await use(license, null, 'linux')],
        ['With an edited passport', await use(license, edit(linux), 'linux')],
        ['WinPE on this system', await use(license, winpe, 'winpe')],
      ] as const;
      for (const [label, answer] of wrong) {
        const { sentence, rule, cure } = answer.explain();
        must(!answer.allowed, `${label}: it was allowed`);
        screen.refused(`${label}: ${rule}: ${sentence}`);
        screen.note(cure);
      }
    } finally {
      await license.close();
    }
    return {};
  },
};
