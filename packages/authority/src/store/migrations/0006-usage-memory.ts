import type { Migration } from './migration.js';

/** Finds what is remembered of outboxes that have ended (usage/count.ts). */
export const usageMemory: Migration = {
  id: 6,
  name: 'usage-memory',
  statements: ['CREATE INDEX usage_seen_at ON usage_seen (account, seen_at)'],
};
