import type { Migration } from './migration.js';

/** Orders of licenses of machines and of poolable licenses, beside those of instances. */
export const orderGoods: Migration = {
  id: 25,
  name: 'order-goods',
  statements: [
    "ALTER TABLE orders ADD COLUMN profile text NOT NULL DEFAULT 'msp'",
    'ALTER TABLE orders ADD COLUMN term text',
    // JSON of the client access licenses that one poolable license brings.
    'ALTER TABLE orders ADD COLUMN cals text',
    // How many licenses; of orders from before, the first line says it.
    'ALTER TABLE orders ADD COLUMN quantity bigint',
    'ALTER TABLE machine_licenses ADD COLUMN transaction_id text',
  ],
};
