/* The authority's storage. How to write a command:

   export async function renameCompany(tx: Tx, input: { account: string; id: string; name: string }, now: number) {
     const renamed = await tx.get<{ id: string }>(
       'UPDATE companies SET name = ? WHERE account = ? AND id = ? RETURNING id', [input.name, input.account, input.id]);
     if (renamed === undefined) throw new LeaseholdError('NOT_FOUND', 'There is no such company.', { path: 'id' });
     appendJournal(tx, input.account, {
       type: 'company.renamed', subject: { type: 'company', id: input.id }, actor: input.actor, companyId: input.id,
       details: { name: input.name }, rows: [{ table: 'company', id: input.id, row: { id: input.id, name: input.name } }] });
     return { id: input.id };
   }

   export const registry = defineRegistry(import.meta.url, { renameCompany }, { listCompanies });
   const store = await openStore('sqlite:/var/lib/leasehold/authority.db', registry);
   const { outcome, positions } = await store.execute('renameCompany', input, now);

   - It awaits nothing but `tx`: proofs are verified, tokens signed and randomness drawn before or after it.
   - It runs in another thread (SQLite), maybe more than once (PostgreSQL): input and outcome are plain data, and it
     changes nothing but rows.
   - What it throws rolls it back alone, neighbors in the same commit stand; what it returns is committed. A refusal
     that must leave a trace is therefore returned, not thrown.
   - It decides by what it changes: conditional UPDATE … RETURNING, INSERT … ON CONFLICT, never read-then-write on rows
     that another command may change meanwhile; where a decision rests on other rows, `await serialize(tx, account)`
     before reading them.
   - It changes several rows of one table in the order of their ids: opposite orders deadlock on PostgreSQL, which is
     repeated, but costs a second each time.
   - SQL is of both dialects (rules in migrations/index.ts, checked by a test); `account` is in every WHERE.
   - What it seeks beside the account has an index, in the order that is asked for: a test asks SQLite for its way
     (test/authority/store/plans.test.ts).
   - A query answers one slice: keyset (`id > ?` … LIMIT), never OFFSET, never the whole list; `readAll` walks it. */
export { archiveJournal, verifyArchives } from './archive.js';
export type { ArchivesVerified } from './archive.js';
export { auditJournals } from './audit.js';
export type { AccountAudit } from './audit.js';
export { backUp, restoreBackup } from './backup.js';
export type { BackupReport } from './backup.js';
export { copyDatabase } from './copy.js';
export type { CopyProgress, CopyReport } from './copy.js';
export { appendJournal, journalAfter, journalHead, journalSlice, serialize } from './journal.js';
export type { JournalPayload, JournalRow, JournalSlice } from './journal.js';
export {
  FENCES_OF_EPOCH,
  maintenanceCommands,
  maintenanceQueries,
  registry as maintenanceRegistry,
} from './maintenance.js';
export { defineRegistry } from './registry.js';
export type {
  Command,
  CommandInput,
  CommandOutcome,
  Projection,
  Query,
  QueryAnswer,
  QueryInput,
  Registry,
} from './registry.js';
export { openStore, readAll } from './store.js';
export type { Executed, Slice, Store, StoreHealth, StoreOptions } from './store.js';
export { readOnce, RunAgain } from './tx.js';
export type { ChangedRow, JournalEntry, Position, Reader, SqlParams, SqlRow, SqlValue, Tx } from './tx.js';
export { JOURNAL_START, verifyJournal } from './verify-journal.js';
export type { JournalFault, JournalVerdict, VerifiedUpTo } from './verify-journal.js';
