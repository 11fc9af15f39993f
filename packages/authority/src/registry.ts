import { accountOf, createAccount } from './accounts/account.js';
import { recoverOwner } from './accounts/recover.js';
import { createToken, findToken, listTokens, touchToken } from './accounts/tokens.js';
import { activate } from './instances/activate.js';
import { checkIn } from './instances/check-in.js';
import { deactivate } from './instances/deactivate.js';
import { journalWithin } from './delivery/sight.js';
import { claimDeliveries, queueDeliveries, settleDelivery } from './delivery/queue.js';
import { resealSecrets, storedSecrets } from './delivery/seal-again.js';
import { agentInventory } from './hosts/agent-report.js';
import { agentStamp, assertMayStamp } from './media/agent-stamp.js';
import { adminCommands } from './admin-commands.js';
import { assertReach, companiesWithin } from './companies/reach.js';
import { countGuess } from './serving/guess-limit.js';
import { expireLicenses, projectLicenses } from './licenses/license-index.js';
import { lists } from './lists.js';
import { notePayment } from './orders/payment.js';
import { sessionCommands } from './sessions/commands.js';
import { asksForPin } from './sessions/pin.js';
import { doTimedWork, dueWork } from './timed/timed-work.js';
import { defineRegistry, journalAfter, journalHead, maintenanceCommands, type Reader } from './store/index.js';

interface Place {
  readonly account: string;
}

/** When the journal's last row was written, epoch ms; 0 for an empty one. */
async function lastJournaled(reader: Reader, { account }: Place): Promise<number> {
  const head = await journalHead(reader, account);
  const row = await reader.get<{ at: number }>('SELECT at FROM journal WHERE account = ? AND seq = ?', [
    account,
    head.seq,
  ]);
  return row?.at ?? 0;
}

/** All that the authority's store can do. The storage worker imports this module too. */
export const registry = defineRegistry(
  import.meta.url,
  {
    createAccount,
    createToken,
    touchToken,
    recoverOwner,
    activate,
    checkIn,
    deactivate,
    agentStamp,
    agentInventory,
    expireLicenses,
    countGuess,
    doTimedWork,
    notePayment,
    queueDeliveries,
    claimDeliveries,
    settleDelivery,
    resealSecrets,
    raiseEpoch: maintenanceCommands.raiseEpoch,
    ...sessionCommands,
    ...adminCommands,
  },
  {
    account: (reader: Reader, { account }: Place) => accountOf(reader, account),
    assertReach,
    asksForPin,
    assertMayStamp: async (reader: Reader, ask: Parameters<typeof assertMayStamp>[1]) => {
      await assertMayStamp(reader, ask);
    },
    findToken,
    listTokens,
    lastJournaled,
    dueWork,
    head: (reader: Reader, { account }: Place) => journalHead(reader, account),
    journalAfter: (reader: Reader, { account, seq, limit }: Place & { readonly seq: number; readonly limit: number }) =>
      journalAfter(reader, account, seq, limit),
    journalWithin,
    storedSecrets,
    companiesWithin,
    ...lists,
  },
  { project: projectLicenses },
);

export type AuthorityRegistry = typeof registry;
