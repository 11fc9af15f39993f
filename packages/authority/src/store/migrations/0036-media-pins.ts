import type { Migration } from './migration.js';

/** Whether a technician was given a PIN is asked whenever he starts at a medium that is not his (AIP-9.7). */
export const mediaPins: Migration = {
  id: 36,
  name: 'media-pins',
  statements: ['CREATE INDEX media_pins ON media (account, technician_id) WHERE pin_hash IS NOT NULL'],
};
