import { asPerson, startBench, type Bench } from '../../support/authority.js';

/** A license of one instance, which ends with a day. */
export const LICENSE = {
  profile: 'msp',
  type: 'server',
  kind: 'commercial',
  term: 'subscription',
  companyId: null,
  seats: 1,
  validUntil: '2027-05-05',
  autoRenew: false,
} as const;

/** An authority with three of them, which end at different days: SV-B first, SV-A last. */
export async function startWithServers(): Promise<Bench> {
  const bench = await startBench(Date.parse('2026-11-23T14:14:00Z'), {}, undefined, { timedWorkSeconds: 0.05 });
  const ends = { 'SV-A': '2027-05-05', 'SV-B': '2027-03-03', 'SV-C': '2027-04-04' };
  const licenses = Object.entries(ends).map(([id, validUntil]) => ({ ...LICENSE, id, validUntil }));
  await asPerson(bench, 'licensesCreate', { body: { licenses } });
  return bench;
}
