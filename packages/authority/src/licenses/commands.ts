import { changeCommand } from '../serving/changes.js';
import { licenseAssign } from './assign.js';
import { licenseAutoRenew } from './auto-renew.js';
import { licenseBind } from './bind.js';
import { licenseChangeType } from './change-type.js';
import { licenseGrant } from './grant.js';
import { licenseMoveBack } from './move-back.js';
import { licenseMove } from './move.js';
import { licenseReinstate, licenseRevoke } from './revoke.js';
import { licenseRelease } from './release.js';
import { licensesBulk } from './bulk.js';
import { licensesCreate } from './create.js';
import { licensesImport } from './import.js';

/** What an admin changes about licenses. */
export const licenseCommands = {
  licensesCreate: changeCommand(licensesCreate),
  licenseAssign: changeCommand(licenseAssign),
  licenseRelease: changeCommand(licenseRelease),
  licenseBind: changeCommand(licenseBind),
  licenseGrant: changeCommand(licenseGrant),
  licenseChangeType: changeCommand(licenseChangeType),
  licenseAutoRenew: changeCommand(licenseAutoRenew),
  licenseMove: changeCommand(licenseMove),
  licenseMoveBack: changeCommand(licenseMoveBack),
  licenseRevoke: changeCommand(licenseRevoke),
  licenseReinstate: changeCommand(licenseReinstate),
  licensesBulk: changeCommand(licensesBulk),
  licensesImport: changeCommand(licensesImport),
};
