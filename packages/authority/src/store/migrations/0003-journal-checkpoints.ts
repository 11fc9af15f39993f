import type { Migration } from './migration.js';

/** Signed heads of the journal that are kept: behind one of them the older rows may be archived. */
export const journalCheckpoints: Migration = {
  id: 3,
  name: 'journal-checkpoints',
  statements: [
    `CREATE TABLE journal_checkpoints (
       account text NOT NULL, seq bigint NOT NULL, epoch bigint NOT NULL, hash text NOT NULL, token text NOT NULL,
       created_at bigint NOT NULL, archived_at bigint, PRIMARY KEY (account, seq))`,
  ],
};
