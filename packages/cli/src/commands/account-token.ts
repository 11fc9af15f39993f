import { createOwnerToken, openAuthorityStore } from '@leasehold/authority';
import { readDays } from '../admin/values.js';
import { DB_OPTION } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: {
    ...DB_OPTION,
    account: { what: 'The account', value: 'ID', required: true },
    name: { what: 'Whose it is', value: 'NAME', required: true },
    days: { what: 'How long it is valid (365)', value: 'DAYS' },
  },
  notes: ['The way back in for an owner who lost his token. An authority on SQLite must be stopped meanwhile.'],
  async run(given, io) {
    const store = await openAuthorityStore(given.get('db') ?? '', { create: false });
    try {
      const [account, name] = [given.get('account') ?? '', given.get('name') ?? ''];
      const ownerToken = await createOwnerToken(store, account, name, Date.now(), readDays(given, 365));
      io.out(given.json ? JSON.stringify({ ownerToken }) : `Token of the owner, shown this once: ${ownerToken}`);
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};
