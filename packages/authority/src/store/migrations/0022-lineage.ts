import type { Migration } from './migration.js';

/** Notes of restore jobs that were used, or refused: each once. */
export const lineage: Migration = {
  id: 22,
  name: 'lineage',
  statements: [
    `CREATE TABLE lineage_notes (
       account text NOT NULL, jti text NOT NULL, instance_id text NOT NULL, used bigint NOT NULL,
       seen_at bigint NOT NULL,
       PRIMARY KEY (account, jti))`,
  ],
};
