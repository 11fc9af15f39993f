import { archiveOldJournal } from '@leasehold/authority';
import { readCount } from '../admin/values.js';
import { PLACE_OPTIONS, readPlace } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: {
    ...PLACE_OPTIONS,
    to: { what: 'New file that receives the entries', value: 'FILE', required: true },
    'keep-days': { what: 'Days that stay in the database (400)', value: 'DAYS' },
  },
  notes: [
    'Moves old entries of the journal into a file, verified, behind a head that the authority signs; the chain goes on from',
    'it. Keep the file: leasehold audit verify --archive FILE verifies it. An authority on SQLite must be stopped meanwhile.',
  ],
  async run(given, io) {
    const order = { file: given.get('to') ?? '', keepDays: readCount(given, 'keep-days', 400) };
    const archived = await archiveOldJournal(readPlace(given), order, Date.now());
    const { account, file, rows } = archived;
    if (given.json) io.out(JSON.stringify(archived));
    else if (rows === 0) io.out(`${account}: nothing is old enough. No file was made.`);
    else io.out(`${account}: ${rows} entries are in ${file}, verified, and gone from the database.`);
    return EXIT.ok;
  },
};
