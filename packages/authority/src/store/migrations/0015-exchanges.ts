import type { Migration } from './migration.js';

/** The requests that came by file and were answered, so that each is answered once (exchange/). */
export const exchanges: Migration = {
  id: 15,
  name: 'exchanges',
  statements: [
    `CREATE TABLE exchanges (
       account text NOT NULL, digest text NOT NULL, call text NOT NULL, instance_id text, answered_at bigint NOT NULL,
       PRIMARY KEY (account, digest))`,
  ],
};
