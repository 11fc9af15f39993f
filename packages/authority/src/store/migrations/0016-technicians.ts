import type { Migration } from './migration.js';

/** Technicians beyond a session online: PINs of media, vouchers, one-time codes. */
export const technicians: Migration = {
  id: 16,
  name: 'technicians',
  statements: [
    // A slow hash; wrong ones are counted, and after some the medium waits.
    'ALTER TABLE media ADD COLUMN pin_hash text',
    'ALTER TABLE media ADD COLUMN pin_wrong bigint NOT NULL DEFAULT 0',
    'ALTER TABLE media ADD COLUMN pin_locked_until bigint',
    // The signing key whose secret the one-time codes of its passport were made with.
    'ALTER TABLE media ADD COLUMN code_kid text',
    // 'waiting' for its code, or 'fetched'; null: a session online.
    'ALTER TABLE sessions ADD COLUMN voucher text',
    'ALTER TABLE sessions ADD COLUMN code_hash text',
    'ALTER TABLE sessions ADD COLUMN taken_by text',
    'CREATE INDEX sessions_code ON sessions (account, code_hash)',
    `CREATE TABLE one_time_codes (
       account text NOT NULL, id text NOT NULL, media_id text NOT NULL, challenge text NOT NULL, note text NOT NULL,
       author text NOT NULL, given_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    'CREATE INDEX one_time_codes_given ON one_time_codes (account, given_at, id)',
  ],
};
