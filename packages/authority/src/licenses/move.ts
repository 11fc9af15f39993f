import { LeaseholdError, type Message } from '@leasehold/protocol';
import { decide, type Facts } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { at, machineFact } from '../facts.js';
import { hostChanged } from '../hosts/rows.js';
import { assertInstance, type InstanceRow } from '../instances/instance.js';
import { succeed } from '../instances/succession.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { findMachineLicense, licenseFact, type MachineLicenseRow } from './machine-license.js';
import { coverAgain } from './machines-on.js';
import { machinesAt } from './machines-at.js';
import { licenseChanged } from './rows.js';
import { holdsSeat, moveSeat } from './seats.js';

export interface Move extends Pick<Message<'LicenseMove'>, 'from' | 'to' | 'sourceDisposition'> {
  readonly license: string;
}
interface Machines {
  readonly from: InstanceRow;
  readonly to: InstanceRow;
}

/** Moves a seat from a machine or host to the hardware that replaces it. The rules ask what becomes of the old one
 * (AIP-2.1, F-7); the seat is never free in between. */
export const licenseMove: Change<Move, Machines | null, { readonly id: string }> = {
  edits: ({ license }) => [license],
  async judge(reader, { account }, { license: id, from, to, sourceDisposition }, now) {
    if (from.type !== to.type || from.id === to.id) throw notReplaced();
    const license = await findMachineLicense(reader, account, id);
    if (license === undefined || !(await holdsSeat(reader, account, id, `${from.type}:${from.id}`))) {
      throw new LeaseholdError('NOT_FOUND', `The ${from.type} ${from.id} holds no seat of ${id}.`, { path: 'from' });
    }
    const machines = from.type === 'machine' ? await machinesOf(reader, account, from.id, to.id) : null;
    const facts = machines === null ? await hostFacts(reader, account, from.id, to.id) : machineFacts(machines);
    const { policy, timeZone, catalogs } = await accountOf(reader, account);
    const frame = { profile: 'aip', unknown: ['hyper_agents'], policy, account: { timeZone } } as const;
    const licenses = [{ ...licenseFact(license, from), id }];
    const request = { action: 'license.move', license: id, to, replaces: from, sourceDisposition };
    return { decision: decide(at({ ...frame, ...facts, licenses }, now), request, catalogs.aip), plan: machines };
  },
  async apply(tx, { account, actor }, { license: id, from, to }, machines, now) {
    const rows =
      machines === null
        ? await moveHost(tx, account, id, from.id, to.id, now)
        : await moveMachine(tx, id, machines, now);
    appendJournal(tx, account, {
      type: 'license.moved',
      subject: { type: 'license', id },
      actor,
      details: { from: `${from.type}:${from.id}`, to: `${to.type}:${to.id}` },
      rows,
    });
    return { id };
  },
};

/** The license that is named moves, whichever the machine was activated by last. */
async function moveMachine(tx: Tx, license: string, { from, to }: Machines, now: number): Promise<ChangedRow[]> {
  const holder = { ...from, entitlement_kind: 'machine_license', entitlement_id: license } as const;
  const { rows } = await succeed(tx, holder, to, now);
  return [...rows, ...(await coverAgain(tx, from.account, [from.id, to.id], now))];
}

async function moveHost(
  tx: Tx,
  account: string,
  license: MachineLicenseRow['id'],
  from: string,
  to: string,
  now: number,
): Promise<ChangedRow[]> {
  const [old, fresh] = [`host:${from}`, `host:${to}`] as const;
  if (await holdsSeat(tx, account, license, fresh))
    throw new LeaseholdError('CONFLICT', `The host ${to} holds a seat of it already.`, { path: 'to.id' });
  await moveSeat(tx, account, license, { from: old, to: fresh }, now);
  const guests = [...(await machinesAt(tx, account, old)), ...(await machinesAt(tx, account, fresh))];
  return [
    await licenseChanged(tx, account, license, now),
    await hostChanged(tx, account, from),
    await hostChanged(tx, account, to),
    ...(await coverAgain(tx, account, guests, now)),
  ];
}

async function machinesOf(reader: Reader, account: string, from: string, to: string): Promise<Machines> {
  return {
    from: await assertInstance(reader, account, from, 'from.id'),
    to: await assertInstance(reader, account, to, 'to.id'),
  };
}

function machineFacts({ from, to }: Machines): Pick<Facts, 'machines'> {
  return { machines: [machineFact(from), machineFact(to)] };
}

async function hostFacts(reader: Reader, account: string, from: string, to: string): Promise<Pick<Facts, 'hosts'>> {
  const rows = await reader.all<{ id: string; kind: 'bare_metal' | 'hosted'; hypervisor: string }>(
    'SELECT id, kind, hypervisor FROM hosts WHERE account = ? AND id IN (?, ?)',
    [account, from, to],
  );
  if (rows.length === 2) return { hosts: rows };
  throw new LeaseholdError('NOT_FOUND', `No host was reported under the id ${to}.`, {
    path: 'to.id',
    remedy: 'Report the inventory first.',
  });
}

function notReplaced(): LeaseholdError {
  return new LeaseholdError('INPUT_INVALID', 'A machine is replaced by another machine, a host by another host.', {
    path: 'to',
  });
}
