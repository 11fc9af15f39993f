import type { Migration } from './migration.js';

/** Webhooks and mail (delivery/). The secret of a webhook is kept sealed (stored-secrets.ts): both ends need it to sign. */
export const deliveries: Migration = {
  id: 14,
  name: 'deliveries',
  statements: [
    `CREATE TABLE subscriptions (
       account text NOT NULL, id text NOT NULL, kind text NOT NULL, name text NOT NULL, target text NOT NULL,
       events text NOT NULL, state text NOT NULL, secret text, old_secret text, old_secret_until bigint,
       seq bigint NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    `CREATE TABLE deliveries (
       account text NOT NULL, id text NOT NULL, subscription_id text NOT NULL, seq bigint NOT NULL, type text NOT NULL,
       state text NOT NULL, attempts bigint NOT NULL, due_at bigint NOT NULL, delivered_at bigint, problem text,
       created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    'CREATE UNIQUE INDEX deliveries_event ON deliveries (account, subscription_id, seq)',
    'CREATE INDEX deliveries_due ON deliveries (account, state, due_at, id)',
  ],
};
