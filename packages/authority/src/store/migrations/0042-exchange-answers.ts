import type { Migration } from './migration.js';

/** What a request file was answered, as JSON (exchange/answered.ts), so that it gets its answer again. Null: it was answered
 * before this was kept. */
export const exchangeAnswers: Migration = {
  id: 42,
  name: 'exchange-answers',
  statements: ['ALTER TABLE exchanges ADD COLUMN said text'],
};
