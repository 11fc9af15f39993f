import type { Migration } from './migration.js';

/** Buying: what was ordered and what it brought, what things cost, which payments were told. */
export const orders: Migration = {
  id: 8,
  name: 'orders',
  statements: [
    // `lines` is JSON of the order's lines as they were priced; amounts are in the currency's smallest unit.
    `CREATE TABLE orders (
       account text NOT NULL, id text NOT NULL, number bigint NOT NULL, kind text NOT NULL, status text NOT NULL,
       automatic bigint NOT NULL, company_id text, payment_mode text, lines text NOT NULL, currency text, total bigint,
       refunded bigint NOT NULL, created_at bigint NOT NULL, due_day text NOT NULL, fulfilled_at bigint, paid_at bigint,
       paid_by text, reference text, pay_url text, pay_until bigint, attention text, license_type text, periods bigint,
       auto_renew bigint, PRIMARY KEY (account, id))`,
    'CREATE UNIQUE INDEX orders_number ON orders (account, number)',
    'CREATE INDEX orders_status ON orders (account, status, number)',
    'CREATE INDEX orders_company ON orders (account, company_id, number)',
    // The licenses of an order, from its fulfillment on, or from the start where it renews; with the days it moved.
    `CREATE TABLE order_licenses (
       account text NOT NULL, order_id text NOT NULL, license_id text NOT NULL, from_day text, until_day text,
       PRIMARY KEY (account, order_id, license_id))`,
    'CREATE INDEX order_licenses_license ON order_licenses (account, license_id, order_id)',
    // One row is one fulfillment: whoever writes it delivers, whoever finds it does not.
    `CREATE TABLE fulfillments (
       account text NOT NULL, order_id text NOT NULL, at bigint NOT NULL, caused_by text NOT NULL,
       PRIMARY KEY (account, order_id))`,
    `CREATE TABLE prices (
       account text NOT NULL, item text NOT NULL, per text NOT NULL, amount bigint NOT NULL,
       PRIMARY KEY (account, item, per))`,
    'ALTER TABLE accounts ADD COLUMN currency text',
    // What a payment service told, by its own id: what comes again is known.
    `CREATE TABLE payment_events (
       account text NOT NULL, service text NOT NULL, id text NOT NULL, type text NOT NULL, order_id text,
       at bigint NOT NULL, PRIMARY KEY (account, service, id))`,
    // Finds the keys of a license, to issue another in their place.
    'CREATE INDEX directory_target ON directory (account, kind, target)',
    'CREATE INDEX instance_licenses_renewing ON instance_licenses (account, auto_renew, ends_at, id)',
    // From when a pool key's lease is not renewed any more (F-12).
    'ALTER TABLE pool_keys ADD COLUMN stopped_at bigint',
  ],
};
