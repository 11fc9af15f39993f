import { readKeyFiles, restoreBackup } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { PLACE_OPTIONS, readPlace } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: { ...PLACE_OPTIONS, from: { what: 'Backup made by db backup', value: 'FILE', required: true } },
  notes: [
    'The backup is verified first. The authority goes on in a new epoch: agents keep what they hold, consoles reload.',
    'An existing database is never overwritten: move it away first.',
  ],
  async run(given, io) {
    const { db, dataDir } = readPlace(given);
    const path = /^sqlite:(.+)$/.exec(db)?.[1];
    if (path === undefined)
      throw new LeaseholdError('INPUT_INVALID', 'A backup is brought back as sqlite:PATH.', {
        path: 'db',
        remedy: 'Restore it to a file, then copy it to PostgreSQL with leasehold db copy.',
      });
    const { keyset } = await readKeyFiles(dataDir);
    const above = { [keyset.iss]: keyset.epoch };
    const report = await restoreBackup(given.get('from') ?? '', path, above, 'operator', Date.now());
    const accounts = report.accounts.map(({ account, rows }) => `${account} (${rows} journal rows)`).join(', ');
    io.out(given.json ? JSON.stringify(report) : `${report.file}: verified and restored, in a new epoch: ${accounts}.`);
    return EXIT.ok;
  },
};
