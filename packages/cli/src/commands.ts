import { adminCommand } from './admin/command.js';
import { FLOWS } from './admin/flows.js';
import type { Command } from './command.js';

/** A row of the command's table; the module is loaded only when its command is asked for. */
export interface Row {
  readonly summary: string;
  load(): Promise<{ readonly command: Command }>;
}

const adminRows = Object.entries(FLOWS).map(([words, flow]): [string, Row] => [
  `admin ${words}`,
  { summary: flow.summary, load: () => Promise.resolve({ command: adminCommand(flow) }) },
]);

/** Every command by the words that call it. */
export const COMMANDS: Readonly<Record<string, Row>> = {
  decide: { summary: 'Judge cases of a file by the license rules', load: () => import('./commands/decide.js') },
  advise: {
    summary: 'The same, with the steps that would cure each shortage',
    load: () => import('./commands/advise.js'),
  },
  'catalog check': {
    summary: 'Say what is wrong with a vendor’s catalog, and where',
    load: () => import('./commands/catalog-check.js'),
  },
  activate: { summary: 'Take a seat for this machine', load: () => import('./commands/activate.js') },
  deactivate: { summary: 'Give the seat back', load: () => import('./commands/deactivate.js') },
  generalize: {
    summary: 'Prepare a golden image: each copy is a machine of its own',
    load: () => import('./commands/generalize.js'),
  },
  status: { summary: 'What is licensed here, and until when', load: () => import('./commands/status.js') },
  run: { summary: 'Start a backup engine if the license allows it', load: () => import('./commands/run.js') },
  'check-in': { summary: 'Renew the lease now', load: () => import('./commands/check-in.js') },
  import: { summary: 'Take over a file from the vendor', load: () => import('./commands/import.js') },
  request: {
    summary: 'Make a file for the authority, on a machine without a network',
    load: () => import('./commands/request.js'),
  },
  'media stamp': {
    summary: 'Make a boot medium on a licensed machine',
    load: () => import('./commands/media-stamp.js'),
  },
  'media voucher': {
    summary: 'Put a technician’s voucher onto a medium',
    load: () => import('./commands/media-voucher.js'),
  },
  'media use': {
    summary: 'May a boot medium be used on this machine?',
    load: () => import('./commands/media-use.js'),
  },
  'inventory report': {
    summary: 'Tell the authority of the hypervisor hosts that this machine reaches',
    load: () => import('./commands/inventory-report.js'),
  },
  lineage: {
    summary: 'Say of a machine that is restored here that it is no copy',
    load: () => import('./commands/lineage.js'),
  },
  doctor: { summary: 'What support needs to know, without secrets', load: () => import('./commands/doctor.js') },
  'native-host install': {
    summary: 'Let the console show this machine',
    load: () => import('./commands/native-host-install.js'),
  },
  'native-host remove': {
    summary: 'Take that back',
    load: () => import('./commands/native-host-remove.js'),
  },
  'native-host serve': {
    summary: 'Answer the console of a browser',
    load: () => import('./commands/native-host-serve.js'),
  },
  demo: { summary: 'Play the main job on this machine', load: () => import('./commands/demo.js') },
  'authority create': {
    summary: 'Make an authority with its own root',
    load: () => import('./commands/authority-create.js'),
  },
  'authority recover': {
    summary: 'Get an owner token by the root key',
    load: () => import('./commands/authority-recover.js'),
  },
  serve: { summary: 'Run the license authority', load: () => import('./commands/serve.js') },
  'account create': {
    summary: 'Make an account and its first owner',
    load: () => import('./commands/account-create.js'),
  },
  'account token': { summary: 'Make a new owner token', load: () => import('./commands/account-token.js') },
  'root create': { summary: 'Make a vendor’s root key', load: () => import('./commands/root-create.js') },
  'root succeed': { summary: 'Name the root after this one', load: () => import('./commands/root-succeed.js') },
  'keyset key': { summary: 'Show the signing key of an authority', load: () => import('./commands/keyset-key.js') },
  'keyset sign': { summary: 'Sign a keyset with a root key', load: () => import('./commands/keyset-sign.js') },
  'keyset install': { summary: 'Give a keyset to an authority', load: () => import('./commands/keyset-install.js') },
  'keyset status': { summary: 'Verify a keyset, how long it lasts', load: () => import('./commands/keyset-status.js') },
  'grant sign': {
    summary: 'Sign licenses for an authority that somebody else runs',
    load: () => import('./commands/grant-sign.js'),
  },
  'note sign': {
    summary: 'Prolong the leases of an authority that is gone',
    load: () => import('./commands/note-sign.js'),
  },
  'statement verify': {
    summary: 'Verify a statement of usage, offline',
    load: () => import('./commands/statement-verify.js'),
  },
  'db copy': { summary: 'Copy a database, verified row by row', load: () => import('./commands/db-copy.js') },
  'db backup': { summary: 'Copy a database into a verified file', load: () => import('./commands/db-backup.js') },
  'db restore': { summary: 'Bring a backup back', load: () => import('./commands/db-restore.js') },
  'audit verify': { summary: 'Verify the journal, row by row', load: () => import('./commands/audit-verify.js') },
  'journal archive': {
    summary: 'Move old entries of the journal into a file',
    load: () => import('./commands/journal-archive.js'),
  },
  'journal erase': {
    summary: 'Erase what the journal says about a machine, a company, a license',
    load: () => import('./commands/journal-erase.js'),
  },
  'admin exchange': {
    summary: 'Answer the request file of a machine without a network',
    load: () => import('./commands/admin-exchange.js'),
  },
  'admin media stamp': {
    summary: 'Stamp a boot medium: issue its passport',
    load: () => import('./commands/admin-media-stamp.js'),
  },
  'admin connect': { summary: 'Keep a connection string', load: () => import('./commands/admin-connect.js') },
  ...Object.fromEntries(adminRows),
};
