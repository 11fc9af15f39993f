import type { Migration } from './migration.js';

/** The machines whose cover time changes, in the order in which it does. */
export const coverTurnsIndex: Migration = {
  id: 40,
  name: 'cover-turns-index',
  statements: [
    `CREATE INDEX instances_turning ON instances (account, cover_until, id)
       WHERE state = 'active' AND cover_until IS NOT NULL`,
  ],
};
