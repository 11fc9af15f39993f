import { backUp, maintenanceRegistry, openStore } from '@leasehold/authority';
import { DB_OPTION } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: { ...DB_OPTION, to: { what: 'File that receives the copy', value: 'FILE', required: true } },
  notes: [
    'For SQLite that nobody serves: an authority backs itself up, `leasehold serve --backups DIR`. PostgreSQL has its own',
    'tools. Keep the keys folder with it: a database alone signs nothing.',
  ],
  async run(given, io) {
    const store = await openStore(given.get('db') ?? '', maintenanceRegistry, { create: false });
    try {
      const report = await backUp(store, given.get('to') ?? '', Date.now());
      const rows = report.accounts.reduce((sum, account) => sum + account.rows, 0);
      io.out(given.json ? JSON.stringify(report) : `${report.file}: verified, ${rows} journal rows.`);
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};
