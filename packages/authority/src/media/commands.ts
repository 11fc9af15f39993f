import { changeCommand } from '../serving/changes.js';
import { licenseReassign } from '../licenses/reassign.js';
import { voucherCreate } from '../sessions/voucher.js';
import { codeCreate } from './codes.js';
import { mediaStamp } from './stamp.js';

/** What an admin changes about boot media and the technicians who carry them. */
export const technicianCommands = {
  mediaStamp: changeCommand(mediaStamp),
  codeCreate: changeCommand(codeCreate),
  voucherCreate: changeCommand(voucherCreate),
  licenseReassign: changeCommand(licenseReassign),
};
