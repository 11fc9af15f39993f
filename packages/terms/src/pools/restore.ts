import { isAllowed } from '../decision.js';
import { openRestore } from '../defaults/restore.js';
import { firstFinding } from '../judge.js';
import type { Judges } from '../kinds.js';

/** D-1 for a server. */
export interface ServerRestoreParams {
  /** Open whatever the server's state; `asks` is the action whose rows say whether it runs. */
  'restore.server': { readonly warning: string; readonly asks: string };
}

export const serverRestoreKinds: Judges<ServerRestoreParams> = {
  'restore.server': (question, row) => {
    const server = question.ledger.find('servers', question.request['server'] as string | undefined);
    return openRestore(question, row, server !== undefined && isAllowed(firstFinding(question, row.asks)));
  },
};
