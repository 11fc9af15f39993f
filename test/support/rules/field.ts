import { expect } from 'vitest';
import { Agent, asPerson, machine, newLicense, type Bench } from '../authority.js';
import { elsewhere, http, not, type Proof } from './proof.js';

const HOUR = 3_600_000;
const machineOf = async (bench: Bench, { instance }: Agent) =>
  (await asPerson(bench, 'machines', { query: `?search=${encodeURIComponent(instance)}` })).body.rows[0]!;

/** A guest that says where it lives, with a Virtual license. */
async function guest(bench: Bench, name: string, declaredHostId?: string) {
  const { licenseKey } = await newLicense(bench, { type: 'virtual' });
  const more = declaredHostId === undefined ? {} : { declaredHostId };
  const agent = await Agent.on(bench, machine(name, { kind: 'guest', ...more }));
  return { agent, answer: await agent.activate(licenseKey) };
}

/** What real sites do to the rules. */
export const FIELD_RULES: Readonly<Record<string, Proof>> = {
  'F-1': http(async (bench) => {
    const { agent } = await guest(bench, 'f1', 'f1-host');
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'valid', rule: 'F-1', coveredBy: 'host:f1-host' });
    const lost = await guest(bench, 'f1-lost');
    expect(lost.answer.problem).toMatchObject({ code: 'REFUSED', rule: 'F-1' });
  }),
  'F-2': http(async (bench) => {
    const { answer } = await guest(bench, 'f2', 'f2-host');
    expect(answer.status).toBe(200);
    expect(answer.body.notices).toContain('HYPERAGENT_UNKNOWN');
  }),
  'F-3': http(async (bench) => {
    const { agent } = await guest(bench, 'f3', 'f3-host');
    const row = { id: 'f3-host', kind: 'bare_metal', hypervisor: 'kvm', guests: [agent.instance] } as const;
    await asPerson(bench, 'inventoryReport', { body: { hosts: [{ ...row, guests: [agent.instance] }] } });
    bench.clock += 72 * HOUR;
    await agent.checkIn();
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'valid', rule: 'AIP-6.1' });
    bench.clock += 1000;
    await agent.checkIn();
    expect(await machineOf(bench, agent)).toMatchObject({ status: 'valid', rule: 'F-3' });
  }),
  'F-4': elsewhere('authority/console.test.ts', 'losing the cover by it opens the shortage grace (F-4)'),
  'F-5': not('an authority learns of no cluster groups yet; agents judge them by the facts that they are given'),
  'F-6': elsewhere('authority/forks.test.ts', 'a standby that boots with the state of its active machine'),
  'F-7': elsewhere('authority/licenses/move.test.ts', 'F-7: only when the old machine is gone'),
  'F-8': elsewhere('authority/licenses/move.test.ts', 'F-8: back to where it came from until the target has backed up'),
  'F-9': not('nothing moves at the authority: the agent asks before it migrates, `advise` before it is planned'),
  'F-10': not('judged at the medium, which may have no network; what its passport says is tested with the media'),
  'F-11': http(async (bench) => {
    const row = { id: 'f11', type: 'OEM', purchase: 'purchased', cals: { f11: 1 } } as const;
    const licenses = [{ ...row, freeUpgradeUntil: '2029-06-30' }];
    await asPerson(bench, 'poolLicensesCreate', { body: { licenses } });
    const renew = (until: string) =>
      asPerson(bench, 'maintenanceRenew', { params: { license: 'f11' }, body: { until } });
    expect((await renew('2029-06-30')).problem).toMatchObject({ rule: 'F-11', reason: 'DATE_NOT_LATER' });
    expect((await renew('2030-06-30')).status).toBe(200);
  }),
  'F-12': elsewhere('journeys/pool-case-study.test.ts', "reason_rule: 'F-12'"),
};
