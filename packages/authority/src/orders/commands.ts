import { changeCommand } from '../serving/changes.js';
import { licenseKeysIssue } from '../licenses/issue-keys.js';
import { orderPay, orderRefund, orderVoid } from './close.js';
import { orderCreate } from './create.js';
import { maintenanceOrder, maintenanceRenew } from './maintenance.js';
import { orderPayLink } from './pay-link.js';
import { pricesSet } from './prices.js';
import { renewalCreate } from './renewal.js';
import { trialRequest } from './trial.js';

/** What an admin changes by buying, by the name of its route. */
export const orderCommands = {
  orderCreate: changeCommand(orderCreate),
  trialRequest: changeCommand(trialRequest),
  renewalCreate: changeCommand(renewalCreate),
  maintenanceOrder: changeCommand(maintenanceOrder),
  maintenanceRenew: changeCommand(maintenanceRenew),
  orderPay: changeCommand(orderPay),
  orderPayLink: changeCommand(orderPayLink),
  orderVoid: changeCommand(orderVoid),
  orderRefund: changeCommand(orderRefund),
  pricesSet: changeCommand(pricesSet),
  licenseKeysIssue: changeCommand(licenseKeysIssue),
};
