import type { Migration } from './migration.js';

/** What a technician does in a session, and on which system: the rules are asked again when it is renewed, and end no restore
 * (D-1). Null: it was started before this was kept. */
export const sessionWork: Migration = {
  id: 38,
  name: 'session-work',
  statements: ['ALTER TABLE sessions ADD COLUMN operation text', 'ALTER TABLE sessions ADD COLUMN machine_os text'],
};
