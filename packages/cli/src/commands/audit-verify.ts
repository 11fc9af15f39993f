import { auditJournals, maintenanceRegistry, openStore, verifyArchives, type AccountAudit } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { DB_OPTION } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: {
    ...DB_OPTION,
    archive: { what: 'File of journal archive, all of an account, the oldest first', value: 'FILE', many: true },
  },
  notes: ['Exit status 1 when a row was edited, removed, inserted or reordered.'],
  async run(given, io) {
    const store = await openStore(given.get('db') ?? '', maintenanceRegistry, { create: false, patient: true });
    try {
      const accounts = await auditJournals(store);
      if (accounts.length === 0)
        throw new LeaseholdError('NOT_FOUND', 'There is no account in this database: nothing was verified.', {
          path: 'db',
        });
      const files = given.all('archive');
      const archived = files.length === 0 ? undefined : await verifyArchives(store, files);
      if (given.json) io.out(JSON.stringify({ accounts, ...(archived && { archived }) }));
      else for (const account of accounts) io.out(sentence(account));
      if (archived !== undefined && !given.json)
        io.out(`${archived.account}: ${archived.rows} rows of the archives hold, and the journal goes on behind them.`);
      return accounts.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
    } finally {
      await store.close();
    }
  },
};

function sentence({ account, rows, ok, seq, fault }: AccountAudit): string {
  return ok ? `${account}: ${rows} rows hold.` : `${account}: row ${seq} does not hold (${fault}).`;
}
