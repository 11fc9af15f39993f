import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { assertNewId } from '../serving/new-id.js';
import { appendJournal } from '../store/index.js';
import { assertCompany, assertNamed } from './find.js';
import { companyChanged } from './list.js';
import { LEVELS, linesOf } from './tree.js';

export interface NewCompany {
  readonly id: string;
  readonly name: string;
  /** The reseller that it stands below, or null. */
  readonly parentId?: string | null | undefined;
}

export const companyCreate: Change<NewCompany, null, { readonly id: string }> = {
  async judge(reader, { account }, { id, name, parentId = null }) {
    assertNewId(id, 'a company', 'id');
    assertNamed(name);
    const taken = await reader.get('SELECT id FROM companies WHERE account = ? AND (id = ? OR name = ?)', [
      account,
      id,
      name,
    ]);
    if (taken !== undefined) {
      throw new LeaseholdError('CONFLICT', 'There is a company of this name or id already.', { path: 'name' });
    }
    if (parentId === null) return { decision: BY_ROLE, plan: null };
    await assertCompany(reader, account, parentId, 'parentId');
    const line = (await linesOf(reader, account, [parentId])).get(parentId) ?? [];
    if (line.length < LEVELS) return { decision: BY_ROLE, plan: null };
    throw new LeaseholdError('INPUT_INVALID', `Companies stand at most ${LEVELS} levels deep.`, { path: 'parentId' });
  },
  async apply(tx, { account, actor }, { id, name, parentId = null }, _plan, now) {
    await tx.run('INSERT INTO companies (account, id, name, parent_id, created_at) VALUES (?, ?, ?, ?, ?)', [
      account,
      id,
      name,
      parentId,
      now,
    ]);
    appendJournal(tx, account, {
      type: 'company.created',
      subject: { type: 'company', id },
      actor,
      companyId: id,
      details: { name, parentId },
      rows: [await companyChanged(tx, account, id)],
    });
    return { id };
  },
};
