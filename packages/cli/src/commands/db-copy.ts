import { copyDatabase } from '@leasehold/authority';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: {
    from: { what: 'Database to copy: sqlite:PATH or postgres://…', value: 'URL', required: true },
    to: { what: 'Empty database that receives it', value: 'URL', required: true },
  },
  notes: [
    'Stop the authority first. Every row is compared afterwards; the source is not changed.',
    'The keys folder is not part of the database: serve the copy with the same --data.',
  ],
  async run(given, io) {
    let table = '';
    const report = await copyDatabase(given.get('from') ?? '', given.get('to') ?? '', Date.now(), (progress) => {
      if (progress.table === table) return;
      table = progress.table;
      io.err(`${progress.step === 'copy' ? 'Copying' : 'Comparing'} ${table}`);
    });
    io.out(given.json ? JSON.stringify(report) : `${report.rows} rows of ${report.tables} tables copied and compared.`);
    return EXIT.ok;
  },
};
