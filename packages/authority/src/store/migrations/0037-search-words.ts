import { indexSlice } from './0030-license-orders.js';
import type { Migration } from './migration.js';

/** A search among many licenses looks at their companies too (rules 1.8), and at wide letters as at narrow ones. */
export const searchWords: Migration = { id: 37, name: 'search-words', statements: [], backfill: indexSlice };
