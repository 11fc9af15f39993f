import { decide, isAllowed, type Decision } from '@leasehold/terms';
import { LeaseholdError } from '@leasehold/protocol';
import { accountOf, type Account } from '../accounts/account.js';
import { at, machineFact } from '../facts.js';
import { enroll } from '../enrollment/enroll.js';
import { hyperAgentFacts } from '../hosts/hyper-agents.js';
import { hostUnder, noteHost } from '../hosts/under.js';
import { licenseGone } from '../licenses/find-license.js';
import { findInstanceLicense, instanceLicenseFacts } from '../licenses/instance-license.js';
import {
  bindForGood,
  bindingOf,
  findMachineLicense,
  licenseFact,
  type MachineLicenseRow,
  type SeatUnit,
} from '../licenses/machine-license.js';
import { takeBeyond } from '../licenses/over-use.js';
import { licenseChanged, seatChanged } from '../licenses/rows.js';
import {
  countSeat,
  freeEnded,
  nextReusable,
  noteSeat,
  seatOf,
  takeAgain,
  type CountedLicense,
} from '../licenses/seats.js';
import { applyPoolKey } from '../pools/apply-key.js';
import { applyPoolLicense } from '../pools/apply-license.js';
import { RunAgain, type ChangedRow, type Tx } from '../store/index.js';
import type { Entitled } from './entitled.js';
import type { EntitlementKind, InstanceRow } from './instance.js';

/** What a key leads to. */
export interface Entry {
  readonly kind: EntitlementKind | 'enrollment_key';
  readonly target: string;
}

type Way = (tx: Tx, account: Account, target: string, draft: InstanceRow, now: number) => Promise<Entitled>;

/** Gives an instance what its key stands for, if the rules allow it and a seat is free. `draft` is the instance as it
 * will be stored; nothing of it is stored yet. */
export async function entitle(tx: Tx, entry: Entry, draft: InstanceRow, now: number): Promise<Entitled> {
  const ways: Readonly<Record<Entry['kind'], Way>> = {
    machine_license: byMachineLicense,
    instance_license: byInstanceLicense,
    pool_key: applyPoolKey,
    pool_license: applyPoolLicense,
    enrollment_key: (_tx, _account, key) => enroll(tx, key, draft, now, (drawn, ours) => entitle(tx, drawn, ours, now)),
  };
  return ways[entry.kind](tx, await accountOf(tx, draft.account), entry.target, draft, now);
}

async function byMachineLicense(
  tx: Tx,
  account: Account,
  id: string,
  draft: InstanceRow,
  now: number,
): Promise<Entitled> {
  const license = await findMachineLicense(tx, account.account, id);
  if (license === undefined) throw licenseGone();
  if (license.state === 'revoked') throw revoked();
  const unit = seatUnit(account, license, draft);
  if (typeof unit !== 'string') return { ok: false, decision: unit, code: 'REFUSED' };
  const columns = { entitlement_kind: 'machine_license', entitlement_id: id, ...companyOf(license, draft) } as const;
  const { term } = license;
  const seat = await seatOf(tx, account.account, id, unit);
  if (seat === 'held') {
    const decision: Decision = { decision: 'allow', reason_rule: unit.startsWith('host:') ? 'AIP-6.1' : 'AIP-0.1' };
    return { ok: true, decision, columns, term, rows: async () => [] };
  }
  const facts = at(await activationFacts(tx, account, license, unit, draft), now);
  const request = { action: 'license.activate', license: id, on: bindingOf(unit) };
  const decision = decide(facts, request, account.catalogs.aip);
  if (!isAllowed(decision)) return { ok: false, decision, code: 'REFUSED' };
  const given = await giveSeat(tx, account, license, { unit, waiting: seat === 'waiting' }, now);
  if (given === undefined) {
    const need = { edition: license.edition, term: 'any', count: 1, bindTo: unit } as const;
    return {
      ok: false,
      decision: { decision: 'needs', reason_rule: decision.reason_rule, code: 'SEATS_EXHAUSTED', needs: [need] },
      code: 'SEATS_EXHAUSTED',
      reusableFrom: await nextReusable(tx, account.account, id),
    };
  }
  await noteUnit(tx, account, license, draft, unit, now);
  return { ok: true, decision: given.beyond ?? decision, columns, term, rows: given.rows };
}

interface Given {
  /** What grants a seat above the quota. */
  readonly beyond?: Decision;
  readonly rows: () => Promise<readonly ChangedRow[]>;
}

/** Gives the unit a seat: the one that still waits for it, else a free one, which is counted as the last thing of the
 * command; else one beyond the quota, where the policy grants that. */
async function giveSeat(
  tx: Tx,
  account: Account,
  license: MachineLicenseRow,
  { unit, waiting }: { readonly unit: SeatUnit; readonly waiting: boolean },
  now: number,
): Promise<Given | undefined> {
  const { account: realm, id } = license;
  const rows = (counted?: CountedLicense): Promise<ChangedRow[]> => seatChanged(tx, license, unit, now, counted);
  if (waiting) {
    if (!(await takeAgain(tx, realm, id, unit))) throw new RunAgain();
    return { rows };
  }
  // Only a full license needs to know which of its seats have come free.
  if (license.used < license.quota || (await freeEnded(tx, realm, id, now)) > 0) {
    await noteSeat(tx, realm, id, unit, now);
    return { rows: async () => rows(await countSeat(tx, realm, id, now)) };
  }
  const beyond = await takeBeyond(tx, account, license, unit, now);
  return beyond === undefined ? undefined : { beyond, rows };
}

/** A machine is the company's whose license it runs on. */
function companyOf(
  license: Pick<MachineLicenseRow, 'company_id'>,
  draft: InstanceRow,
): Pick<InstanceRow, 'company_id'> {
  return { company_id: license.company_id ?? draft.company_id };
}

function revoked(): LeaseholdError {
  return new LeaseholdError('LICENSE_REVOKED', 'This license was revoked.', { remedy: 'Ask whoever sold it to you.' });
}

/** The unit of a seat by edition: Virtual and vPack count hosts (AIP-6.1, AIP-8.1), additional nodes their group (AIP-5.4),
 * all others machines (AIP-0.1). Where the host is not known, the decision says what is missing (F-1). */
export function seatUnit(
  { catalogs }: Account,
  { edition }: MachineLicenseRow,
  draft: InstanceRow,
): SeatUnit | Decision {
  const { host, clientHost, node, technician } = catalogs.aip.editions!;
  if (edition === technician) {
    throw new LeaseholdError('INPUT_INVALID', 'This is the key of an IT Pro license: it starts sessions.', {
      path: 'licenseKey',
      remedy: 'Use it with the boot medium; a machine of its own needs a machine license.',
    });
  }
  if (edition === node) return groupUnit(draft);
  // A cloud machine has no host to license; the rules say so (AIP-4.5).
  if ((edition !== host && edition !== clientHost) || draft.kind === 'cloud') return `machine:${draft.id}`;
  const below = hostUnder(draft);
  if (below !== undefined) return `host:${below}`;
  const need = { edition, term: 'any', count: 1, bindTo: 'host:unknown' } as const;
  return { decision: 'needs', reason_rule: 'F-1', needs: [need] };
}

/** A host that carries a machine is known from its seat on. */
export async function noteUnit(
  tx: Tx,
  { catalogs }: Account,
  { id: license, edition }: MachineLicenseRow,
  draft: InstanceRow,
  unit: SeatUnit,
  now: number,
): Promise<void> {
  const { type, id } = bindingOf(unit);
  if (type === 'cluster_group') await bindForGood(tx, draft.account, license, id);
  if (type === 'host') await noteHost(tx, draft, id, edition === catalogs.aip.editions!.clientHost, now);
}

function groupUnit(draft: InstanceRow): SeatUnit {
  if (draft.cluster_group_id !== null) return `cluster_group:${draft.cluster_group_id}`;
  throw new LeaseholdError('INPUT_INVALID', 'An additional-node license belongs to a cluster group.', {
    path: 'licenseKey',
    remedy: 'Bind it to the group when it is brought in.',
  });
}

async function activationFacts(
  tx: Tx,
  account: Account,
  license: MachineLicenseRow,
  unit: SeatUnit,
  draft: InstanceRow,
): Promise<Parameters<typeof at>[0]> {
  const on = bindingOf(unit);
  const bound = license.bound_type === null ? null : { type: license.bound_type, id: license.bound_id! };
  const agents = await hyperAgentFacts(tx, account.account, draft.id, on.type === 'host' ? [on.id] : []);
  return {
    profile: 'aip',
    machines: [{ ...machineFact(draft), ...agents.own }, ...agents.others],
    hosts: on.type === 'host' ? [{ id: on.id, kind: 'bare_metal', hypervisor: '' }] : [],
    clusters: on.type === 'cluster_group' ? [{ id: on.id, nodeIds: [draft.id] }] : [],
    licenses: [{ ...licenseFact(license, bound), id: license.id }],
    unknown: agents.unknown,
    policy: account.policy,
    account: { timeZone: account.timeZone },
  };
}

async function byInstanceLicense(
  tx: Tx,
  account: Account,
  id: string,
  draft: InstanceRow,
  now: number,
): Promise<Entitled> {
  const license = await findInstanceLicense(tx, account.account, id);
  if (license === undefined) throw licenseGone();
  if (license.state === 'revoked') throw revoked();
  const columns = {
    entitlement_kind: 'instance_license',
    entitlement_id: id,
    ...companyOf(license, draft),
  } as const;
  if (license.assigned_to === draft.id)
    return { ok: true, decision: { decision: 'allow', reason_rule: 'MSP-1' }, columns, rows: async () => [] };
  const facts = await instanceLicenseFacts(tx, account, { ...draft, company_id: columns.company_id }, license);
  const request = { action: 'license.assign', license: id, instance: draft.id };
  const decision = decide(at(facts, now), request, account.catalogs.msp);
  if (!isAllowed(decision)) return { ok: false, decision, code: 'REFUSED' };
  const taken = await tx.run(
    `UPDATE instance_licenses SET assigned_to = ?, assigned_kind = 'computer', computer_name = ?, os = ?, updated_at = ?
       WHERE account = ? AND id = ? AND assigned_to IS NULL`,
    [draft.id, draft.label, draft.os, now, account.account, id],
  );
  if (taken === 0) {
    return {
      ok: false,
      decision: { decision: 'refuse', reason_rule: 'MSP-2', code: 'ALREADY_ASSIGNED' },
      code: 'REFUSED',
    };
  }
  return { ok: true, decision, columns, rows: async () => [await licenseChanged(tx, account.account, id, now)] };
}
