/* The license server. Public:

   const place = { db: 'sqlite:/var/lib/leasehold/authority.db', dataDir: '/var/lib/leasehold/keys' };
   const { rootJwk, ownerToken } = await provisionAuthority(place, { account, name, product }, Date.now());   // once
   const authority = await startAuthority({ ...place, port: 8410 });
   authority.url; authority.connectionFor(ownerToken); await authority.close();

   A vendor with an offline root takes the steps of provisionAuthority one by one: createRoot (offline), createSigningKey
   (at the authority), signKeyset (offline), installKeyset and createAccount (at the authority). */
export { startAuthority } from './authority.js';
export type { Authority } from './authority.js';
export type { AuthorityOptions, LogLine } from './options.js';
export type { MailOptions } from './delivery/mail.js';
export type { PaymentOptions } from './payments/open.js';
export { readPolicy } from './accounts/policy.js';
export { createAccount, createOwnerToken, openAuthorityStore, provisionAuthority } from './provision.js';
export type { NewAccount, Provisioned } from './provision.js';
export { createSigningKey, installKeyset, nextSigningKey, readKeyFiles } from './keys/key-files.js';
export type { KeyFiles, RootJwk } from './keys/key-files.js';
export {
  createRoot,
  keysetStatus,
  signExtensionNote,
  signGrant,
  signKeyset,
  signRecovery,
  signSuccessor,
} from './keys/roots.js';
export type { KeysetOrder, KeysetStatus } from './keys/roots.js';
export type { PrivateJwk } from './keys/ed25519.js';
export { archiveOldJournal } from './journal-keeping.js';
export type { Archived } from './journal-keeping.js';
export {
  auditJournals,
  backUp,
  copyDatabase,
  maintenanceRegistry,
  openStore,
  restoreBackup,
  verifyArchives,
} from './store/index.js';
export type { AccountAudit, ArchivesVerified, BackupReport, CopyReport } from './store/index.js';
