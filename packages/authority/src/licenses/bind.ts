import { LeaseholdError, type Message } from '@leasehold/protocol';
import { decide, type Decision, type Facts } from '@leasehold/terms';
import { accountOf, type Account } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at, machineFact } from '../facts.js';
import { hyperAgentFacts } from '../hosts/hyper-agents.js';
import { noteCover } from '../instances/cover.js';
import { noteUnit, seatUnit } from '../instances/entitle.js';
import { assertInstance, findInstance, updateInstance, type InstanceRow } from '../instances/instance.js';
import { machineChanged } from '../instances/rows.js';
import { licensedCopy, settleFork } from '../instances/settle-fork.js';
import { refusal } from '../serving/refusal.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import {
  bindForGood,
  bindingOf,
  findMachineLicense,
  licenseFact,
  type MachineLicenseRow,
  type SeatUnit,
} from './machine-license.js';
import { machinesAt } from './machines-at.js';
import { seatChanged } from './rows.js';
import { takeSeat } from './seats.js';

export interface BindTo {
  readonly license: string;
  readonly to: Message<'LicenseBind'>['to'];
}

interface Plan {
  readonly license: MachineLicenseRow;
  readonly unit: SeatUnit;
  readonly machine: InstanceRow | undefined;
}

/** Gives a machine, host or cluster group a seat before anything activates there: a standby that never ran (AIP-1.1), a
 * host (AIP-6.1), a group, whose additional-node licenses stay with it for good (AIP-5.5). */
export const licenseBind: Change<BindTo, Plan | null, { readonly id: string }> = {
  async judge(reader, { account }, { license: id, to }, now) {
    const license = await findMachineLicense(reader, account, id);
    if (license === undefined) {
      throw new LeaseholdError('NOT_FOUND', 'There is no license of machines or hosts with this id.', {
        path: 'license',
        remedy: 'Licenses of instances are assigned; technicians’ licenses are reassigned.',
      });
    }
    const own = await accountOf(reader, account);
    const machine = to.type === 'machine' ? await assertInstance(reader, account, to.id, 'to.id') : undefined;
    if (to.type === 'host') await assertThere(reader, account, 'hosts', to.id);
    if (to.type === 'cluster_group') await assertThere(reader, account, 'cluster_groups', to.id);
    const unit = unitOf(own, license, to, machine);
    if (typeof unit !== 'string') return { decision: unit, plan: null };
    const facts = await bindFacts(reader, own, license, unit, machine);
    const request = { action: 'license.activate', license: id, on: bindingOf(unit) };
    return { decision: decide(at(facts, now), request, own.catalogs.aip), plan: { license, unit, machine } };
  },
  async apply(tx, { account, actor }, { license: id, to }, plan, now) {
    const { license, unit, machine } = plan!;
    if (machine !== undefined) await noteUnit(tx, await accountOf(tx, account), license, machine, unit, now);
    const taken = await takeSeat(tx, account, id, unit, now);
    if (taken === undefined) {
      const needs = [{ edition: license.edition, term: 'any', count: 1, bindTo: unit }] as const;
      throw refusal({ decision: 'needs', reason_rule: 'AIP-0.1', code: 'SEATS_EXHAUSTED', needs }, 'SEATS_EXHAUSTED');
    }
    if (to.type === 'cluster_group') await bindForGood(tx, account, id, to.id);
    const settled = to.type === 'machine' ? await giveTo(tx, account, to.id, id, now) : [];
    const rows: ChangedRow[] = [...(await seatChanged(tx, license, unit, now)), ...settled];
    for (const one of await machinesAt(tx, account, unit)) {
      const row = await findInstance(tx, account, one);
      if (row !== undefined) rows.push(machineChanged((await noteCover(tx, row, now)).row, now));
    }
    const details = { to: unit };
    appendJournal(tx, account, { type: 'license.bound', subject: { type: 'license', id }, actor, details, rows });
    return { id };
  },
};

/** What takes the seat. A license of hosts that is bound to a guest takes one of its host, the unit (AIP-6.1, AIP-8.1). */
function unitOf(
  own: Account,
  license: MachineLicenseRow,
  { type, id }: BindTo['to'],
  machine: InstanceRow | undefined,
): SeatUnit | Decision {
  const { host, clientHost } = own.catalogs.aip.editions!;
  const ofHosts = license.edition === host || license.edition === clientHost;
  return machine?.kind === 'guest' && ofHosts ? seatUnit(own, license, machine) : `${type}:${id}`;
}

async function bindFacts(
  reader: Reader,
  { account, policy, timeZone, catalogs }: Account,
  license: MachineLicenseRow,
  unit: SeatUnit,
  machine: InstanceRow | undefined,
): Promise<Omit<Facts, 'now'>> {
  const { type, id } = bindingOf(unit);
  const bound = license.bound_type === null ? null : { type: license.bound_type, id: license.bound_id! };
  const agents = await hyperAgentFacts(reader, account, null, type === 'host' ? [id] : []);
  const clientHost = license.edition === catalogs.aip.editions?.clientHost;
  return {
    profile: 'aip',
    machines: type === 'machine' && machine !== undefined ? [machineFact(machine)] : [...agents.others],
    hosts: type === 'host' ? [{ id, kind: clientHost ? 'hosted' : 'bare_metal', hypervisor: '' }] : [],
    clusters: type === 'cluster_group' ? [{ id, nodeIds: [] }] : [],
    licenses: [{ ...licenseFact(license, bound), id: license.id }],
    unknown: agents.unknown,
    policy,
    account: { timeZone },
  };
}

async function assertThere(
  reader: Reader,
  account: string,
  table: 'hosts' | 'cluster_groups',
  id: string,
): Promise<void> {
  const found = await reader.get(`SELECT id FROM ${table} WHERE account = ? AND id = ?`, [account, id]);
  if (found !== undefined) return;
  throw new LeaseholdError('NOT_FOUND', `Nothing was reported under the id ${id}.`, {
    path: 'to.id',
    remedy: 'Report the inventory first, or name one of its hosts or groups.',
  });
}

async function giveTo(tx: Tx, account: string, machine: string, license: string, now: number): Promise<ChangedRow[]> {
  const row = await assertInstance(tx, account, machine);
  const on = { entitlement_kind: 'machine_license', entitlement_id: license } as const;
  await updateInstance(tx, row, { ...on, ...licensedCopy(row) });
  return settleFork(tx, row, now);
}
