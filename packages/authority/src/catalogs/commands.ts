import { policySet } from '../accounts/policy.js';
import { changeCommand } from '../serving/changes.js';
import { catalogActivate, catalogRollBack } from './activate.js';
import { catalogUpload } from './upload.js';

/** What an owner changes about the rules themselves. */
export const catalogCommands = {
  catalogUpload: changeCommand(catalogUpload),
  catalogActivate: changeCommand(catalogActivate),
  catalogRollBack: changeCommand(catalogRollBack),
  policySet: changeCommand(policySet),
};
