import { LeaseholdError } from '@leasehold/protocol';
import { companyRenamed } from '../licenses/follow-renames.js';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal } from '../store/index.js';
import { assertCompany, assertNamed } from './find.js';
import { companyChanged } from './list.js';

export const companyRename: Change<{ readonly company: string; readonly name: string }, null, { readonly id: string }> =
  {
    edits: ({ company }) => [company],
    async judge(reader, { account }, { company, name }) {
      assertNamed(name);
      await assertCompany(reader, account, company, 'company');
      const taken = await reader.get('SELECT id FROM companies WHERE account = ? AND name = ? AND id <> ?', [
        account,
        name,
        company,
      ]);
      if (taken === undefined) return { decision: BY_ROLE, plan: null };
      throw new LeaseholdError('CONFLICT', `There is a company ${name} already.`, { path: 'name' });
    },
    async apply(tx, { account, actor }, { company: id, name }, _plan, now) {
      await tx.run('UPDATE companies SET name = ? WHERE account = ? AND id = ?', [name, account, id]);
      await companyRenamed(tx, account, id, now);
      appendJournal(tx, account, {
        type: 'company.renamed',
        subject: { type: 'company', id },
        actor,
        companyId: id,
        details: { name },
        rows: [await companyChanged(tx, account, id)],
      });
      return { id };
    },
  };
