import { changeCommand } from '../serving/changes.js';
import { companyCreate } from './create.js';
import { grantCreate, grantTakeBack } from './grants.js';
import { companyRename } from './rename.js';

/** What an admin changes about companies and what is given to them. */
export const companyCommands = {
  companyCreate: changeCommand(companyCreate),
  companyRename: changeCommand(companyRename),
  grantCreate: changeCommand(grantCreate),
  grantTakeBack: changeCommand(grantTakeBack),
};
