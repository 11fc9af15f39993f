import { LeaseholdError } from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../changes.js';
import { appendJournal } from '../store/index.js';

export interface NewCompany {
  readonly id: string;
  readonly name: string;
}

export const companyCreate: Change<NewCompany, null, { readonly id: string }> = {
  async judge(reader, { account }, { id, name }) {
    const taken = await reader.get('SELECT id FROM companies WHERE account = ? AND (id = ? OR name = ?)', [
      account,
      id,
      name,
    ]);
    if (taken !== undefined) {
      throw new LeaseholdError('CONFLICT', 'There is a company of this name or id already.', { path: 'name' });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { id, name }, _plan, now) {
    await tx.run('INSERT INTO companies (account, id, name, created_at) VALUES (?, ?, ?, ?)', [account, id, name, now]);
    appendJournal(tx, account, {
      type: 'company.created',
      subject: { type: 'company', id },
      actor,
      companyId: id,
      details: { name },
      rows: [{ table: 'company', id, row: { id, name } }],
    });
    return { id };
  },
};
