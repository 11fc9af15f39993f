import type { RequestOf } from '@leasehold/protocol';
import { asPerson, newLicense, nonce, PRODUCT, type Bench } from './authority.js';

/** The license of a technician, from yesterday on, for a year and more. */
export function technicianLicense(
  bench: Bench,
  technician: string,
): Promise<{ readonly id: string; readonly licenseKey: string }> {
  return newLicense(bench, {
    type: 'it_pro',
    term: 'subscription',
    startsAt: `${new Date(bench.clock - 86_400_000).toISOString().slice(0, 10)}T00:00:00Z`,
    validUntil: '2027-12-01T00:00:00Z',
    boundTo: { type: 'technician', id: technician },
  });
}

/** Stamps a stick of a technician and answers its passport. */
export async function stampStick(
  bench: Bench,
  media: string,
  technician: string,
  more: Partial<RequestOf<'mediaStamp'>> = {},
): Promise<string> {
  const body = { media, base: 'linux', licensee: 'Acme', technician, validDays: 365, ...more } as const;
  const { status, body: stamped, problem } = await asPerson(bench, 'mediaStamp', { body });
  if (status !== 200) throw new Error(JSON.stringify(problem));
  return stamped.passport;
}

/** What a technician asks who starts his stick on a machine. */
export function sessionStart(
  who: Pick<RequestOf<'sessionStart'>, 'licenseKey' | 'technician' | 'media' | 'machine'>,
  more: Partial<RequestOf<'sessionStart'>> = {},
): RequestOf<'sessionStart'> {
  return { ...who, product: PRODUCT, machineOs: 'linux', operation: 'backup', nonce: nonce(), ...more };
}
