import { listCatalogs, showCatalog } from './catalogs/rows.js';
import { listGrants } from './companies/grant-rows.js';
import { listCompanies } from './companies/list.js';
import { deliveriesDue, listDeliveries } from './delivery/queue.js';
import { listSubscriptions } from './delivery/subscriptions.js';
import { listEnrollmentKeys } from './enrollment/row.js';
import { machineDetail } from './instances/detail.js';
import { listMachines } from './instances/list.js';
import { listLicenses } from './licenses/list.js';
import { requiredQuantity } from './licenses/required.js';
import { listCodes } from './media/codes.js';
import { listMedia } from './media/rows.js';
import { listOrders, showOrder } from './orders/list.js';
import { listPrices } from './orders/prices.js';
import { overview } from './overview/overview.js';
import { showPools } from './pools/sign-in.js';
import { listSessions } from './sessions/list.js';
import { listUsage } from './usage/list.js';
import { seatHistory } from './usage/seat-history.js';
import { listRefusals } from './usage/refusals.js';
import { listStatements, statementHead, statementRecords } from './usage/statement.js';

/** Every question the console asks, by the name of its route. */
export const lists = {
  overview,
  catalogs: listCatalogs,
  catalog: showCatalog,
  companies: listCompanies,
  grants: listGrants,
  licenses: listLicenses,
  licensesRequired: requiredQuantity,
  pools: showPools,
  machine: machineDetail,
  machines: listMachines,
  sessions: listSessions,
  media: listMedia,
  codes: listCodes,
  enrollmentKeys: listEnrollmentKeys,
  refusals: listRefusals,
  orders: listOrders,
  order: showOrder,
  prices: listPrices,
  usage: listUsage,
  seatHistory,
  subscriptions: listSubscriptions,
  deliveries: listDeliveries,
  deliveriesDue,
  statements: listStatements,
  statementHead,
  statementRecords,
};
