import type { Migration } from './migration.js';

/** Guests as their hosts claim them. */
export const guestClaims: Migration = {
  id: 19,
  name: 'guest-claims',
  statements: [
    // Two hosts may claim one guest: while it moves, or for good, which is a dispute. `claimed_at`: for how long without a
    // break.
    `CREATE TABLE guest_claims (
       account text NOT NULL, guest text NOT NULL, host_id text NOT NULL, claimed_at bigint NOT NULL,
       PRIMARY KEY (account, guest, host_id))`,
    'CREATE INDEX guest_claims_host ON guest_claims (account, host_id, guest)',
    `INSERT INTO guest_claims (account, guest, host_id, claimed_at)
       SELECT account, guest, host_id, reported_at FROM host_guests`,
    'DROP TABLE host_guests',
    // Guests without an agent of their own that lost their cover by a move or a new node (F-4).
    `CREATE TABLE guest_shortages (
       account text NOT NULL, guest text NOT NULL, short_since bigint NOT NULL, PRIMARY KEY (account, guest))`,
    // What a provider calls a host, where that host was known under another id before.
    `CREATE TABLE host_names (
       account text NOT NULL, name text NOT NULL, host_id text NOT NULL, PRIMARY KEY (account, name))`,
    // Of what an agent reported last; the agent's own.
    'ALTER TABLE hosts ADD COLUMN digest text',
  ],
};
