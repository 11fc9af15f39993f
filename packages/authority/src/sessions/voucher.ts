import { LeaseholdError, type Message, type VoucherClaims } from '@leasehold/protocol';
import { isAllowed } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import type { Change } from '../serving/changes.js';
import { findMachineLicense, type MachineLicenseRow } from '../licenses/machine-license.js';
import { appendJournal, type Tx } from '../store/index.js';
import { refusal } from '../serving/refusal.js';
import { assertGoesOn, judgeWork } from './judge.js';
import { liveSession, openSession, takeTechnicianSeat } from './seat.js';
import { holderOf, sessionChanged, sessionClaims, type SessionColumns } from './session.js';

export interface VoucherAsked extends Pick<
  Message<'VoucherCreate'>,
  'license' | 'media' | 'machine' | 'machineOs' | 'hours'
> {
  readonly id: string;
  /** SHA-256 of its code. */
  readonly codeHash: string;
}

const HOUR = 3_600_000;

/** Checks a session out for one medium and one machine: judged like a start, and the license is busy until its end, because
 * nobody can tell whether it is in use (design section 4, IT Pro). */
export const voucherCreate: Change<VoucherAsked, MachineLicenseRow, { readonly id: string; readonly until: number }> = {
  async judge(reader, { account }, { license: id, media, machine, machineOs }, now) {
    const own = await accountOf(reader, account);
    const license = await findMachineLicense(reader, account, id);
    if (
      license?.edition !== own.catalogs.aip.editions?.technician ||
      license === undefined ||
      license.bound_id === null
    ) {
      throw new LeaseholdError('NOT_FOUND', 'There is no technician license with this id.', { path: 'license' });
    }
    const live = await liveSession(reader, account, id, now);
    const asked = {
      license,
      live,
      technician: license.bound_id,
      media,
      machine,
      machineOs,
      operation: 'backup',
    } as const;
    const decision = await judgeWork(reader, own, asked, now);
    if (isAllowed(decision) && live !== undefined) throw refusal(taken(live));
    if (decision.code === 'ITPRO_CONCURRENT' && live !== undefined) throw refusal(taken(live));
    return { decision, plan: license };
  },
  async apply(
    tx,
    { account, actor },
    { id, license, media, machine, machineOs, hours, codeHash },
    { bound_id: holder },
    now,
  ) {
    const until = now + hours * HOUR;
    const fencing = await takeTechnicianSeat(tx, { account, license, session: id }, until, now);
    if (fencing === undefined) throw new LeaseholdError('CONFLICT', 'The license was taken in the meantime.');
    const session: SessionColumns = {
      account,
      id,
      license_id: license,
      technician: holder!,
      technician_name: null,
      media_id: media,
      machine_id: machine,
      fencing,
      started_at: now,
      lease_expires_at: until,
      ended_at: null,
      end_reason: null,
      nonce: id,
      jkt: '',
      voucher: 'waiting',
      code_hash: codeHash,
      taken_by: null,
      operation: 'backup',
      machine_os: machineOs,
    };
    await openSession(tx, session, actor, now);
    return { id, until };
  },
};

function taken(live: SessionColumns): Parameters<typeof refusal>[0] {
  return {
    decision: 'refuse',
    reason_rule: 'AIP-9.6',
    code: 'ITPRO_CONCURRENT',
    until: new Date(live.lease_expires_at).toISOString(),
    value: { holder: holderOf(live) },
  };
}

/** Fetches a voucher by its code: once, if it would be given still, and again only by the same device, whose reply was lost.
 * Undefined: there is no such code, or none any more. */
export async function fetchVoucher(
  tx: Tx,
  { account, jkt, codeHash }: { readonly account: string; readonly jkt: string; readonly codeHash: string },
  now: number,
): Promise<VoucherClaims | undefined> {
  const found = await tx.get<SessionColumns>(
    `SELECT * FROM sessions WHERE account = ? AND code_hash = ? AND lease_expires_at > ?
       AND (ended_at IS NULL OR voucher = 'fetched')`,
    [account, codeHash, now],
  );
  if (found === undefined || (found.voucher === 'fetched' && found.jkt !== jkt)) return undefined;
  if (found.voucher === 'waiting') await assertGoesOn(tx, await accountOf(tx, account), found, now);
  const first = await tx.run(
    "UPDATE sessions SET voucher = 'fetched', jkt = ? WHERE account = ? AND id = ? AND voucher = 'waiting'",
    [jkt, account, found.id],
  );
  if (first === 0 && found.voucher === 'waiting') return undefined; // another device came first
  if (first > 0) {
    appendJournal(tx, account, {
      type: 'voucher.fetched',
      subject: { type: 'session', id: found.id },
      actor: `device:${jkt}`,
      details: { license: found.license_id },
      rows: [await sessionChanged(tx, account, found.id, now)],
    });
  }
  return claimsOf(tx, found);
}

async function claimsOf(tx: Tx, session: SessionColumns): Promise<VoucherClaims> {
  const account = await accountOf(tx, session.account);
  return { ...(await sessionClaims(tx, account, session)), iat: Math.floor(session.started_at / 1000) };
}
