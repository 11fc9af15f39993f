import { auditJournals, maintenanceRegistry, openStore, type AccountAudit } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { DB_OPTION } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: DB_OPTION,
  notes: ['Exit status 1 when a row was edited, removed, inserted or reordered.'],
  async run(given, io) {
    const store = await openStore(given.get('db') ?? '', maintenanceRegistry, { create: false });
    try {
      const accounts = await auditJournals(store);
      if (accounts.length === 0)
        throw new LeaseholdError('NOT_FOUND', 'There is no account in this database: nothing was verified.', {
          path: 'db',
        });
      if (given.json) io.out(JSON.stringify({ accounts }));
      else for (const account of accounts) io.out(sentence(account));
      return accounts.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
    } finally {
      await store.close();
    }
  },
};

function sentence({ account, rows, ok, seq, fault }: AccountAudit): string {
  return ok ? `${account}: ${rows} rows hold.` : `${account}: row ${seq} does not hold (${fault}).`;
}
