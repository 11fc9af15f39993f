import { tokenCreate, tokenRotate } from './accounts/create-token.js';
import { tokenRevoke } from './accounts/revoke.js';
import { catalogCommands } from './catalogs/commands.js';
import { changeCommand } from './serving/changes.js';
import { companyCommands } from './companies/commands.js';
import { deliveryCommands } from './delivery/subscriptions.js';
import { enrollmentCommands } from './enrollment/commands.js';
import { exchange } from './exchange/answer.js';
import { hostForget } from './hosts/forget.js';
import { inventoryReport } from './hosts/report.js';
import { machineCommands } from './instances/commands.js';
import { licenseCommands } from './licenses/commands.js';
import { technicianCommands } from './media/commands.js';
import { orderCommands } from './orders/commands.js';
import { grantImport } from './vendor-grants/import.js';
import { poolConvert } from './pools/convert.js';
import { poolLicensesCreate } from './pools/create-licenses.js';
import { poolCreate } from './pools/create.js';
import { poolKeyDeactivate, poolKeyDelete, poolKeySetRenewing } from './pools/key-life.js';
import { poolKeyCreate, poolKeySetQuota } from './pools/keys.js';
import { poolSetQuota } from './pools/set-quota.js';
import { sessionStop } from './sessions/stop.js';

/** Every change an admin can make, by the name of its route. */
export const adminCommands = {
  ...catalogCommands,
  ...companyCommands,
  ...deliveryCommands,
  ...enrollmentCommands,
  exchange: changeCommand(exchange),
  grantImport: changeCommand(grantImport),
  ...licenseCommands,
  ...machineCommands,
  poolLicensesCreate: changeCommand(poolLicensesCreate),
  poolConvert: changeCommand(poolConvert),
  poolCreate: changeCommand(poolCreate),
  poolSetQuota: changeCommand(poolSetQuota),
  poolKeyCreate: changeCommand(poolKeyCreate),
  poolKeySetQuota: changeCommand(poolKeySetQuota),
  poolKeyDelete: changeCommand(poolKeyDelete),
  poolKeyDeactivate: changeCommand(poolKeyDeactivate),
  poolKeySetRenewing: changeCommand(poolKeySetRenewing),
  hostForget: changeCommand(hostForget),
  inventoryReport: changeCommand(inventoryReport),
  sessionStop: changeCommand(sessionStop),
  ...technicianCommands,
  tokenCreate: changeCommand(tokenCreate),
  tokenRotate: changeCommand(tokenRotate),
  tokenRevoke: changeCommand(tokenRevoke),
  ...orderCommands,
};
