import { createAccount, openAuthorityStore } from '@leasehold/authority';
import { ACCOUNT_OPTIONS, DB_OPTION, readAccount } from '../authority-place.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: { ...DB_OPTION, ...ACCOUNT_OPTIONS },
  notes: ['The account must be the one that the keyset names.'],
  async run(given, io) {
    const store = await openAuthorityStore(given.get('db') ?? '');
    try {
      const { ownerToken } = await createAccount(store, await readAccount(given), Date.now());
      io.out(given.json ? JSON.stringify({ ownerToken }) : `Token of the owner, shown this once: ${ownerToken}`);
      return EXIT.ok;
    } finally {
      await store.close();
    }
  },
};
