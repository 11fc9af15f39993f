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
  'root create': { summary: 'Make a vendor’s root key', load: () => import('./commands/root-create.js') },
  'keyset key': { summary: 'Show the signing key of an authority', load: () => import('./commands/keyset-key.js') },
  'keyset sign': { summary: 'Sign a keyset with a root key', load: () => import('./commands/keyset-sign.js') },
  'keyset install': { summary: 'Give a keyset to an authority', load: () => import('./commands/keyset-install.js') },
  'keyset status': { summary: 'Verify a keyset, how long it lasts', load: () => import('./commands/keyset-status.js') },
  'admin connect': { summary: 'Keep a connection string', load: () => import('./commands/admin-connect.js') },
  ...Object.fromEntries(adminRows),
};
