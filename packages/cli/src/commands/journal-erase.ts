import { maintenanceRegistry, openStore } from '@leasehold/authority';
import { LeaseholdError } from '@leasehold/protocol';
import { DB_OPTION } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';
import { isMeant } from '../confirm.js';

export const command: Command = {
  args: ['ID'],
  options: {
    ...DB_OPTION,
    account: { what: 'The account', value: 'ID', required: true },
    yes: { what: 'Do not ask' },
  },
  notes: [
    'ID is what the entries are about: a machine, a company, a license. Their contents go for good and the chain stays whole;',
    'an entry says that it was done. Archives and backups keep theirs. An authority on SQLite must be stopped meanwhile.',
  ],
  async run(given, io) {
    const [id, account] = [given.args[0] ?? '', given.get('account') ?? ''];
    const store = await openStore(given.get('db') ?? '', maintenanceRegistry, { create: false, patient: true });
    try {
      const about = await store.read('linesAbout', { account, id });
      if (about === undefined)
        throw new LeaseholdError('NOT_FOUND', `The journal of ${account} says nothing about ${id}.`, {
          path: 'ID',
          remedy: 'Take the id from leasehold admin journal; what was archived or erased is not here any more.',
        });
      await isMeant(given, `This erases what ${about.rows} entries say about ${about.type} ${id}, for good.`);
      const subject = { type: about.type, id };
      const { outcome: rows } = await store.execute(
        'eraseSubject',
        { account, subject, actor: 'operator' },
        Date.now(),
      );
      io.out(given.json ? JSON.stringify({ account, subject, rows }) : `${rows} entries about ${id} are erased.`);
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};
