import type { Migration } from './migration.js';

/** Unknown license keys by the address that tried them, as a keyed hash: counted here, all nodes count together. */
export const keyGuesses: Migration = {
  id: 5,
  name: 'key-guesses',
  statements: [
    `CREATE TABLE key_guesses (
       account text NOT NULL, address text NOT NULL, wrong bigint NOT NULL, until_at bigint NOT NULL,
       PRIMARY KEY (account, address))`,
    'CREATE INDEX key_guesses_until ON key_guesses (account, until_at)',
  ],
};
