import { foundation } from './0001-foundation.js';
import { service } from './0002-service.js';
import { journalCheckpoints } from './0003-journal-checkpoints.js';
import { licenseIndex } from './0004-license-index.js';
import { keyGuesses } from './0005-key-guesses.js';
import { usageMemory } from './0006-usage-memory.js';
import { machines } from './0007-machines.js';
import { orders } from './0008-orders.js';
import { licenseDesk } from './0009-license-desk.js';
import { companyCounts } from './0010-company-counts.js';
import { activationTurns } from './0011-activation-turns.js';
import { poolServers } from './0012-pool-servers.js';
import { companiesTree } from './0013-companies-tree.js';
import { deliveries } from './0014-deliveries.js';
import { exchanges } from './0015-exchanges.js';
import { technicians } from './0016-technicians.js';
import { inventory } from './0017-inventory.js';
import { enrollment } from './0018-enrollment.js';
import { guestClaims } from './0019-guest-claims.js';
import { ownCatalogs } from './0020-own-catalogs.js';
import { keyHashes } from './0021-key-hashes.js';
import { lineage } from './0022-lineage.js';
import { vendorGrants } from './0023-vendor-grants.js';
import { seatDays } from './0024-seat-days.js';
import { orderGoods } from './0025-order-goods.js';
import { overviewIndexes } from './0026-overview-indexes.js';
import { countsByFacet } from './0027-counts-by-facet.js';
import { hostOwners } from './0028-host-owners.js';
import { inventoryParts } from './0029-inventory-parts.js';
import { licenseOrders } from './0030-license-orders.js';
import { licenseOrderIndexes } from './0031-license-order-indexes.js';
import { leanIndexes } from './0032-lean-indexes.js';
import { machineIndex } from './0033-machine-index.js';
import { activeSeats } from './0034-active-seats.js';
import { formerKeys } from './0035-former-keys.js';
import { mediaPins } from './0036-media-pins.js';
import { searchWords } from './0037-search-words.js';
import { sessionWork } from './0038-session-work.js';
import { coverTurns } from './0039-cover-turns.js';
import { coverTurnsIndex } from './0040-cover-turns-index.js';
import { clusterInventories } from './0041-cluster-inventories.js';
import { exchangeAnswers } from './0042-exchange-answers.js';
import { sumsByKind } from './0043-sums-by-kind.js';
import type { Migration } from './migration.js';

export type { Migration } from './migration.js';

/** Every step of the schema, in order. To add tables or columns: write `NNNN-what.ts` beside this file with the next
 * number and list it here. The dialect is what SQLite 3.45 and PostgreSQL 15 share, kept to what sharded PostgreSQL
 * relatives have too, and a test reads the SQL for it:
 *
 * - `text`, `bigint` (epoch milliseconds, counts, 0 and 1) and nothing else; JSON goes into `text` and is never queried;
 * - every primary key, unique key and index begins with `account` (the directory, which finds the account, excepted);
 * - NOT NULL is written on key columns too (SQLite would let a null in);
 * - no foreign keys, sequences, triggers, stored functions, expression indexes, `FOR UPDATE`, advisory locks;
 * - an index serves a page: the filter's columns, then the key that the page goes on from. */
export const migrations: readonly Migration[] = [
  foundation,
  service,
  journalCheckpoints,
  licenseIndex,
  keyGuesses,
  usageMemory,
  machines,
  orders,
  licenseDesk,
  companyCounts,
  activationTurns,
  poolServers,
  companiesTree,
  deliveries,
  exchanges,
  technicians,
  inventory,
  enrollment,
  guestClaims,
  ownCatalogs,
  keyHashes,
  lineage,
  vendorGrants,
  seatDays,
  orderGoods,
  overviewIndexes,
  countsByFacet,
  hostOwners,
  inventoryParts,
  licenseOrders,
  licenseOrderIndexes,
  leanIndexes,
  machineIndex,
  activeSeats,
  formerKeys,
  mediaPins,
  searchWords,
  sessionWork,
  coverTurns,
  coverTurnsIndex,
  clusterInventories,
  exchangeAnswers,
  sumsByKind,
];
