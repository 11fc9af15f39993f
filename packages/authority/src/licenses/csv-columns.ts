import type { LicenseRow } from './rows.js';

type Cell = string | number | boolean | null;

/** The columns of an export, in their order. Those that an import reads are named alike there (csv-import.ts). */
export const EXPORT_COLUMNS: readonly (readonly [name: string, read: (row: LicenseRow) => Cell])[] = [
  ['id', (row) => row.id],
  ['profile', (row) => row.profile],
  ['type', (row) => row.type],
  ['kind', (row) => row.kind],
  ['term', (row) => row.term],
  ['companyId', (row) => row.companyId],
  ['company', (row) => row.companyName],
  ['seats', (row) => row.quota],
  ['validUntil', (row) => row.validUntil],
  ['autoRenew', (row) => row.autoRenew],
  ['transaction', (row) => row.transaction],
  ['status', (row) => row.status],
  ['used', (row) => row.used],
  ['assignedTo', (row) => row.assignedTo],
  ['assignedKind', (row) => row.assignedKind],
  ['computerName', (row) => row.computerName],
  ['os', (row) => row.os],
  ['user', (row) => row.user],
];
