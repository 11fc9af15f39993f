import { formatLicenseKey } from '@leasehold/protocol';
import type { adminCommands } from '../admin-commands.js';
import { drawSecret, freshId, type Handler } from '../serving/call.js';
import type { catalogCommands } from '../catalogs/commands.js';
import type { deliveryCommands } from '../delivery/subscriptions.js';
import { digestOf } from '../keys/ed25519.js';
import type { enrollmentCommands } from '../enrollment/commands.js';
import type { machineCommands } from '../instances/commands.js';
import type { companyCommands } from '../companies/commands.js';
import type { licenseCommands } from '../licenses/commands.js';
import type { technicianCommands } from '../media/commands.js';
import type { orderCommands } from '../orders/commands.js';
import { changed, param } from './change.js';
import { tokenHandlers } from './tokens.js';

type Elsewhere =
  | 'exchange'
  | 'grantImport'
  | keyof typeof catalogCommands
  | keyof typeof companyCommands
  | keyof typeof deliveryCommands
  | keyof typeof enrollmentCommands
  | keyof typeof licenseCommands
  | keyof typeof machineCommands
  | keyof typeof orderCommands
  | keyof typeof technicianCommands;
type ChangeRoute = Exclude<keyof typeof adminCommands, Elsewhere>;

/** What admins change: each handler names the command and its input; `make` does the rest. */
export const adminHandlers: { readonly [R in ChangeRoute | 'recover']: Handler<R> } = {
  poolLicensesCreate: (call) => changed(call, 'poolLicensesCreate', { licenses: call.body.licenses }),
  poolConvert: (call) => {
    return changed(call, 'poolConvert', { license: param(call, 'license'), confirmName: call.body.confirmName });
  },
  poolCreate: (call) => {
    const { name, type } = call.body;
    return changed(call, 'poolCreate', { id: freshId(call, 'pool'), name, type });
  },
  poolSetQuota: (call) => changed(call, 'poolSetQuota', { pool: param(call, 'pool'), quota: call.body.quota }),
  poolKeyCreate: async (call) => {
    const key = formatLicenseKey('license', drawSecret(call, 16, 'pool key'));
    const { licenseeName, quota } = call.body;
    const input = { id: freshId(call, 'key'), pool: param(call, 'pool'), licenseeName, quota, keyHash: digestOf(key) };
    const reply = await changed(call, 'poolKeyCreate', input);
    return reply.dryRun ? reply : { ...reply, licenseKey: key };
  },
  poolKeySetQuota: (call) => changed(call, 'poolKeySetQuota', { key: param(call, 'key'), quota: call.body.quota }),
  poolKeyDeactivate: (call) => changed(call, 'poolKeyDeactivate', { key: param(call, 'key') }),
  poolKeySetRenewing: (call) => {
    return changed(call, 'poolKeySetRenewing', { key: param(call, 'key'), renewing: call.body.renewing });
  },
  poolKeyDelete: (call) => changed(call, 'poolKeyDelete', { key: param(call, 'key') }),
  inventoryReport: (call) => {
    const { dryRun: _dryRun, ...reported } = call.body;
    return changed(call, 'inventoryReport', reported);
  },
  hostForget: (call) => changed(call, 'hostForget', { host: param(call, 'host') }),
  sessionStop: (call) => changed(call, 'sessionStop', { session: param(call, 'session') }),
  ...tokenHandlers,
};
