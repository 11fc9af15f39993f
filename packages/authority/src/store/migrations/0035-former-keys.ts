import type { Migration } from './migration.js';

/** Device keys that another took an instance from (twins.ts). `returned`: it came back since. */
export const formerKeys: Migration = {
  id: 35,
  name: 'former-keys',
  statements: [
    `CREATE TABLE former_keys (
       account text NOT NULL, instance_id text NOT NULL, jkt text NOT NULL, displaced_at bigint NOT NULL,
       returned bigint NOT NULL,
       PRIMARY KEY (account, instance_id, jkt))`,
  ],
};
