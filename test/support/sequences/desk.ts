import type { Policy } from '@leasehold/terms';
import { agentOf, COMPANIES, followHolders, some, type Act, type Model } from './model.js';
import type { Site } from './site.js';
import { hash } from './start.js';

/** What else an admin does at the desk in a random sequence: types, bindings, enrollment keys, names, policy, hosts. */
export const DESK_ACTIONS: Readonly<Record<string, Act>> = {
  changeType,
  bind,
  bindAgain: bind,
  enrollmentKey,
  enroll,
  enrollAgain: enroll,
  rename,
  setPolicy,
  forgetHost,
  cluster,
  issueKey,
  grantBack,
  clockAhead,
};

async function changeType(site: Site, model: Model, a: number, b: number): Promise<void> {
  const [license, holder] = some(model.single, a) ?? [];
  if (license === undefined) return;
  const done = await site.change('licenseChangeType', { license, type: ['server', 'desktop'][b % 2]! });
  if (done === undefined) return;
  model.single.set(license, null);
  model.single.set(done.result!.id, holder!);
  await followHolders(site, model, [], null);
}

async function bind(site: Site, { seats }: Model, a: number, b: number): Promise<void> {
  const license = some(seats, a);
  const { instance } = agentOf(site, b);
  const ways = [
    { type: 'machine', id: instance ?? 'nobody' },
    { type: 'host', id: `host${b % 2}` },
    { type: 'cluster_group', id: 'group' },
    { type: 'machine', id: instance ?? 'nobody' },
  ] as const;
  if (license !== undefined) await site.change('licenseBind', { license, to: ways[(a + b) % 4]! });
}

async function enrollmentKey(site: Site, { enrollments }: Model, a: number, b: number): Promise<void> {
  const id = site.fresh('enr');
  const range = { profile: (['msp', 'aip'] as const)[a % 2]!, type: ['server', 'desktop', 'virtual'][b % 3]! };
  const expiresAt = site.now + [1, 60][a % 2]! * 86_400_000;
  const key = { id, keyHash: hash(`${site.account} ${id}`), name: id, company: COMPANIES[b % 3]!, licenses: null };
  const done = await site.change('enrollmentKeyCreate', { ...key, ...range, maxUses: 1 + (b % 3), expiresAt });
  if (done !== undefined) enrollments.push(id);
}

async function enroll(site: Site, model: Model, a: number, b: number): Promise<void> {
  const id = some(model.enrollments, a);
  if (id === undefined) return;
  if (b === 0) await site.change('enrollmentKeyRevoke', { id });
  const agent = agentOf(site, b);
  if (await site.activate(agent, id)) await followHolders(site, model, [null], agent.instance);
}

async function rename(site: Site, _model: Model, a: number, b: number): Promise<void> {
  await site.change('companyRename', { company: ['north', 'south', 'north-1'][a % 3]!, name: `name ${b}` });
}

async function setPolicy(site: Site, _model: Model, a: number): Promise<void> {
  const policies: Policy[] = [{}, { releaseReuse: 'at_once' }, { overuse: { percent: 10, count: 1 } }];
  await site.change('policySet', { policy: policies[a % 3]! });
  if (a % 3 === 2) site.overuse = 1;
}

async function forgetHost(site: Site, _model: Model, a: number): Promise<void> {
  await site.change('hostForget', { host: `host${a % 2}` });
}

async function cluster(site: Site, _model: Model, _a: number, b: number): Promise<void> {
  const nodes = site.agents.flatMap(({ instance }, n) => (instance !== null && (n + b) % 3 > 0 ? [instance] : []));
  await site.change('inventoryReport', { hosts: [], clusters: [{ id: 'group', nodes }] });
}

async function issueKey(site: Site, { poolable }: Model, a: number, b: number): Promise<void> {
  const license = some(poolable.keys(), a);
  if (license === undefined) return;
  const keys = [{ license, keyHash: hash(`${site.account} ${license}`) }];
  if ((await site.change('licenseKeysIssue', { keys })) === undefined) return;
  await site.activate(agentOf(site, b), license, { used: b % 3 });
}

/** What was taken off its owner by a grant is given a key again, so that it can be activated. */
async function grantBack(site: Site, { single, seats }: Model, a: number): Promise<void> {
  const license = some([...single.keys(), ...seats], a);
  if (license !== undefined)
    await site.change('licenseKeysIssue', { keys: [{ license, keyHash: hash(`${site.account} ${license}`) }] });
}

/** The clock of the authority stands ahead for a while, and is set right. */
async function clockAhead(site: Site, _model: Model, a: number): Promise<void> {
  const hours = [1, 24 * 40, 24 * 400][a % 3]!;
  await site.wait(hours);
  await site.wait(-hours);
}
