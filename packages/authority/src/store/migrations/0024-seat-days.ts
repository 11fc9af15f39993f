import type { Migration } from './migration.js';

/** How many seats were owned and used at the end of each day. */
export const seatDays: Migration = {
  id: 24,
  name: 'seat-days',
  statements: [
    // The last day that was closed; null: an account from before this table, of which none was yet.
    'ALTER TABLE accounts ADD COLUMN seats_day text',
    // `company_id`: '*' is the whole account, '' no company. `kind` is 'type' (of license, `name`) or 'pool' (`name` is
    // its id, `cal` the kind of its licenses).
    `CREATE TABLE seat_days (
       account text NOT NULL, company_id text NOT NULL, day text NOT NULL, kind text NOT NULL, name text NOT NULL,
       cal text NOT NULL, used bigint NOT NULL, owned bigint NOT NULL,
       PRIMARY KEY (account, company_id, day, kind, name, cal))`,
    'CREATE INDEX seat_days_day ON seat_days (account, day)',
  ],
};
