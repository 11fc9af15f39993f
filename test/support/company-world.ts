import type { Owned, RequestOf, RouteName } from '@leasehold/protocol';
import { Agent, asDevice, asPerson, newLicense, nonce, PRODUCT, type Bench } from './authority.js';
import { newSigner } from './signing.js';

/** A company below a reseller with one of everything that belongs to companies: the id of each kind, and every word that
 * nobody else may read. */
export interface CompanyWorld {
  readonly ids: Readonly<Record<Owned, string>>;
  readonly reseller: string;
  /** A license of each kind, free for a change. */
  readonly seats: string;
  readonly single: string;
  readonly technicians: string;
  /** A second machine. */
  readonly spare: string;
  readonly words: readonly string[];
}

/** Builds it with the owner's token. Ids and names contain `word`. */
export async function buildCompany(bench: Bench, word: string): Promise<CompanyWorld> {
  const [reseller, company] = [`${word}-reseller`, `${word}-shop`];
  await done(asPerson(bench, 'companyCreate', { body: { id: reseller, name: `Reseller ${word}` } }));
  await done(asPerson(bench, 'companyCreate', { body: { id: company, name: `Shop ${word}`, parentId: reseller } }));
  const machine = await newLicense(bench, {
    id: `${word}-seats`,
    seats: 9,
    companyId: company,
  });
  const msp = { profile: 'msp', term: 'subscription', validUntil: '2027-06-30' } as const;
  await newLicense(bench, { ...msp, id: `${word}-single`, companyId: company });
  await newLicense(bench, { ...msp, id: `${word}-gift`, companyId: reseller });
  const gift = { from: reseller, to: company, type: 'server', quantity: 1 };
  const grant = await done(asPerson(bench, 'grantCreate', { body: gift }));
  const [first, spare] = [
    await activated(bench, `${word} one`, machine.licenseKey),
    await activated(bench, `${word} two`, machine.licenseKey),
  ];
  const order = await done(
    asPerson(bench, 'trialRequest', { body: { type: 'server', quantity: 1, companyId: company } }),
  );
  const token = await done(
    asPerson(bench, 'tokenCreate', {
      body: { name: `Token ${word}`, role: 'viewer', validDays: 9, companyId: company },
    }),
  );
  const rollOut = { name: `Roll-out ${word}`, company, licenses: [machine.id], maxUses: 9, validDays: 9 };
  const key = await done(asPerson(bench, 'enrollmentKeyCreate', { body: rollOut }));
  const session = await startSession(bench, word, company);
  const ids = {
    company,
    grant: grant.id!,
    holder: first,
    license: `${word}-single`,
    machine: first,
    order: order.id!,
    session,
    token: token.id,
    enrollmentKey: key.id!,
  };
  const words = [word, ids.grant, first, spare, ids.order, session, ids.token, ids.enrollmentKey];
  return { ids, reseller, seats: machine.id, single: `${word}-single`, technicians: `${word}-pro`, spare, words };
}

async function activated(bench: Bench, name: string, licenseKey: string): Promise<string> {
  const agent = await Agent.on(bench, name);
  await done(agent.activate(licenseKey));
  const at = new Date(bench.clock).toISOString();
  const records = [{ n: 1, at, kind: 'backup', bytes: 7, count: 1 }];
  const decision = { decision: 'refuse', reason_rule: 'AIP-1.5', code: 'FILE_BACKUP_ONLY' } as const;
  const refusals = [{ id: nonce(), at, action: `backup of ${name}`, decision }];
  await done(agent.checkIn({ usage: { epoch: nonce(), records }, refusals }));
  return agent.instance;
}

async function startSession(bench: Bench, word: string, companyId: string): Promise<string> {
  const [technician, media] = [`${word}-anna`, `${word}-stick`];
  const validity = {
    term: 'subscription',
    startsAt: '2026-01-01T00:00:00Z',
    validUntil: '2027-01-01T00:00:00Z',
  } as const;
  const license = {
    id: `${word}-pro`,
    type: 'it_pro',
    companyId,
    boundTo: { type: 'technician', id: technician },
  } as const;
  const { licenseKey } = await newLicense(bench, { ...validity, ...license });
  const stamp = { media, base: 'winpe', licensee: word, technician, validDays: 365 } as const;
  await done(asPerson(bench, 'mediaStamp', { body: stamp }));
  const start = {
    licenseKey,
    product: PRODUCT,
    technician,
    technicianName: `Anna ${word}`,
    media,
    machine: `${word} customer`,
    machineOs: 'windows_server',
    operation: 'backup',
    nonce: nonce(),
  } as const;
  return (await done(asDevice(bench, await newSigner(), 'sessionStart', start))).session;
}

async function done<Body>(answer: Promise<{ readonly status: number; readonly body: Body }>): Promise<Body> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

/** A request that holds for its own company, for each route that asks more than what its path names. */
export const REQUESTS: { readonly [R in RouteName]?: (world: CompanyWorld) => RequestOf<R> } = {
  advise: () => ({ given: { profile: 'msp', now: '2026-06-15T10:00:00Z' }, when: { action: 'license.list' } }),
  companyCreate: ({ reseller }) => ({ name: 'New', parentId: reseller, dryRun: true }),
  companyRename: () => ({ name: 'Renamed', dryRun: true }),
  enrollmentKeyCreate: ({ ids, seats }) => {
    return { name: 'More', company: ids.company, licenses: [seats], maxUses: 1, validDays: 1, dryRun: true };
  },
  enrollmentKeyRevoke: () => ({ dryRun: true }),
  forkDecide: ({ seats }) => ({ decision: 'license', license: seats, dryRun: true }),
  grantCreate: ({ ids, reseller }) => {
    return { from: reseller, to: ids.company, type: 'none', quantity: 1, dryRun: true };
  },
  grantTakeBack: () => ({ dryRun: true }),
  licenseAssign: ({ ids }) => ({ to: ids.machine, kind: 'computer', dryRun: true }),
  licenseAutoRenew: () => ({ autoRenew: true, dryRun: true }),
  licenseBind: ({ spare }) => ({ to: { type: 'machine', id: spare }, dryRun: true }),
  licenseChangeType: () => ({ type: 'server', dryRun: true }),
  licenseGrant: ({ ids }) => ({ company: ids.company, dryRun: true }),
  licenseKeysIssue: ({ seats }) => ({ licenses: [seats], dryRun: true }),
  licenseMove: ({ ids, spare }) => {
    const [from, to] = [ids.machine, spare].map((id) => ({ type: 'machine' as const, id }));
    return { from: from!, to: to!, sourceDisposition: 'disposed', dryRun: true };
  },
  licenseMoveBack: ({ spare }) => ({ machine: spare, dryRun: true }),
  licenseReassign: () => ({ technician: 'somebody', dryRun: true }),
  licensesBulk: ({ ids, single }) => {
    return { action: 'assign', items: [{ license: single, to: ids.machine, kind: 'computer' }], dryRun: true };
  },
  machineDeclare: ({ spare }) => ({ kind: 'standby_of', of: spare, dryRun: true }),
  orderCreate: ({ ids }) => ({
    type: 'server',
    quantity: 1,
    companyId: ids.company,
    paymentMode: 'annual',
    dryRun: true,
  }),
  renewalCreate: ({ single }) => ({ licenses: [single], dryRun: true }),
  standbyCreate: () => ({ name: 'Standby', dryRun: true }),
  tokenCreate: ({ ids }) => ({ name: 'Below', role: 'viewer', validDays: 1, companyId: ids.company }),
  tokenRotate: () => ({}),
  trialRequest: ({ ids }) => ({ type: 'other', quantity: 1, companyId: ids.company, dryRun: true }),
  voucherCreate: () => ({}) as never,
};

/** The same for a query. */
export const QUERIES: { readonly [R in RouteName]?: (world: CompanyWorld) => Record<string, string> } = {
  licensesRequired: ({ ids }) => ({ type: 'server', until: '2027-01-01', company: ids.company }),
  statement: ({ ids }) => ({ month: '2026-06', company: ids.company }),
};
