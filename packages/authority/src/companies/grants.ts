import { LeaseholdError } from '@leasehold/protocol';
import { judgeGrant, judgeTakeBack } from '@leasehold/terms';
import type { Change } from '../serving/changes.js';
import { withdrawKey } from '../licenses/issue-keys.js';
import { licenseChanged } from '../licenses/rows.js';
import { appendJournal, type ChangedRow, type Reader, type Tx } from '../store/index.js';
import { assertCompany, companyName } from './find.js';
import { findGrant, grantChanged, type GrantColumns } from './grant-rows.js';
import { isBelow } from './tree.js';

export interface NewGrant {
  readonly id: string;
  readonly from: string | null;
  readonly to: string;
  readonly type: string;
  readonly quantity: number;
}
/** What changed its owner. */
export interface Granted {
  readonly id: string;
  readonly licenses: readonly string[];
}

/** Gives free licenses of a type to a company below. What lasts longest stays with the giver. */
export const grantCreate: Change<NewGrant, readonly string[], Granted> = {
  async judge(reader, { account }, { from, to, type, quantity }, now) {
    await assertCompany(reader, account, to, 'to');
    if (from !== null) await assertCompany(reader, account, from, 'from');
    const free = await freeLicenses(reader, account, { owner: from, type }, now);
    const below = await isBelow(reader, account, to, from);
    const decision = judgeGrant({ type, quantity, from, below, free: free.length });
    return { decision, plan: free.slice(0, quantity) };
  },
  async apply(tx, { account, actor }, { id, from, to, type, quantity }, licenses, now) {
    await tx.run(
      `INSERT INTO grants (account, id, from_company, to_company, type, quantity, granted_by, granted_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      [account, id, from, to, type, quantity, actor, now],
    );
    for (const license of licenses)
      await tx.run('INSERT INTO grant_licenses (account, grant_id, license_id) VALUES (?, ?, ?)', [
        account,
        id,
        license,
      ]);
    const rows = await giveTo(tx, account, licenses, to, now);
    appendJournal(tx, account, {
      type: 'grant.created',
      subject: { type: 'grant', id },
      actor,
      companyId: to,
      details: { from, to, toName: await companyName(tx, account, to), type, quantity },
      rows: [await grantChanged(tx, account, id), ...rows],
    });
    return { id, licenses };
  },
};

export interface TakeBack {
  readonly grant: string;
  readonly quantity?: number | undefined;
}
interface Taken {
  readonly grant: GrantColumns;
  readonly licenses: readonly string[];
}

/** Takes back what is unused of a grant and was not given on. */
export const grantTakeBack: Change<TakeBack, Taken, Granted> = {
  edits: ({ grant }) => [grant],
  async judge(reader, { account }, { grant: id, quantity: asked }, now) {
    const grant = await findGrant(reader, account, id);
    if (grant === undefined) throw new LeaseholdError('NOT_FOUND', `There is no grant ${id}.`, { path: 'grant' });
    const unused = await freeLicenses(reader, account, { owner: grant.to_company, type: grant.type, grant: id }, now);
    const quantity = asked ?? unused.length;
    if (quantity === 0) throw new LeaseholdError('CONFLICT', 'Nothing of this grant is unused.', { path: 'grant' });
    const decision = judgeTakeBack({ quantity, unused: unused.length });
    return { decision, plan: { grant, licenses: unused.slice(0, quantity) } };
  },
  async apply(tx, { account, actor }, { grant: id }, { grant, licenses }, now) {
    for (const license of licenses)
      await tx.run('DELETE FROM grant_licenses WHERE account = ? AND grant_id = ? AND license_id = ?', [
        account,
        id,
        license,
      ]);
    for (const license of licenses) await withdrawKey(tx, account, license);
    const { from_company: owner, to_company: to } = grant;
    const rows = await giveTo(tx, account, licenses, owner, now);
    appendJournal(tx, account, {
      type: 'grant.taken_back',
      subject: { type: 'grant', id },
      actor,
      companyId: to,
      details: { to, toName: await companyName(tx, account, to), quantity: licenses.length },
      rows: [await grantChanged(tx, account, id), ...rows],
    });
    return { id, licenses };
  },
};

/** Licenses of either kind that their owner can give away: valid, and nobody holds them; those that end first stand first.
 * With `grant`, what that grant gave and can go back: of no use to anybody, it need not be valid. */
async function freeLicenses(
  reader: Reader,
  account: string,
  { owner, type, grant }: { readonly owner: string | null; readonly type: string; readonly grant?: string },
  now: number,
): Promise<string[]> {
  const owned = owner === null ? 'l.company_id IS NULL' : 'l.company_id = ?';
  const given =
    grant === undefined
      ? ''
      : `AND l.id IN (SELECT g.license_id FROM grant_licenses g WHERE g.account = ? AND g.grant_id = ?)`;
  const valid = grant === undefined ? `AND l.state = 'active' AND (l.ends_at IS NULL OR l.ends_at > ?)` : '';
  const params = [...(owner === null ? [] : [owner]), type, ...(grant === undefined ? [now] : [account, grant])];
  const rows = await reader.all<{ id: string }>(
    `SELECT id, ends FROM (
       SELECT l.id AS id, l.ends_at AS ends FROM instance_licenses l WHERE l.account = ? AND ${owned} AND l.type = ?
         ${valid} AND l.kind = 'commercial' AND l.assigned_to IS NULL ${given}
       UNION ALL
       SELECT l.id, coalesce(l.ends_at, 9000000000000000) FROM machine_licenses l WHERE l.account = ? AND ${owned}
         AND l.edition = ? ${valid} AND l.term <> 'trial' AND l.used = 0 AND l.bound_type IS NULL ${given}
     ) AS free ORDER BY ends, id LIMIT 1000`,
    [account, ...params, account, ...params],
  );
  return rows.map(({ id }) => id);
}

/** A license has one owner: whoever it was given to last, or got it back. Only one that nobody took in between moves. */
async function giveTo(
  tx: Tx,
  account: string,
  licenses: readonly string[],
  owner: string | null,
  now: number,
): Promise<ChangedRow[]> {
  const rows: ChangedRow[] = [];
  for (const id of licenses.toSorted()) {
    const single = await tx.run(
      `UPDATE instance_licenses SET company_id = ?, user_name = NULL, updated_at = ?
         WHERE account = ? AND id = ? AND assigned_to IS NULL`,
      [owner, now, account, id],
    );
    const seats = await tx.run(
      'UPDATE machine_licenses SET company_id = ?, updated_at = ? WHERE account = ? AND id = ? AND used = 0',
      [owner, now, account, id],
    );
    if (single + seats === 0) throw new LeaseholdError('CONFLICT', `The license ${id} was taken in the meantime.`);
    rows.push(await licenseChanged(tx, account, id, now));
  }
  return rows;
}
