import { rulesFor } from '../catalog.js';
import { isAllowed } from '../decision.js';
import { openRestore } from '../defaults/restore.js';
import type { Judge, Judges } from '../kinds.js';
import type { Question } from '../question.js';
import { serverKinds, type ServerParams } from './servers.js';

/** D-1 for a server. */
export interface ServerRestoreParams {
  /** Open whatever the server's state; `asks` is the action whose rows say whether it runs. */
  'restore.server': { readonly warning: string; readonly asks: string };
}

export const serverRestoreKinds: Judges<ServerRestoreParams> = {
  'restore.server': (question, row) => {
    const server = question.ledger.find('servers', question.request['server'] as string | undefined);
    return openRestore(question, row, server !== undefined && runs(question, row.asks));
  },
};

function runs(question: Question, action: string): boolean {
  for (const rule of rulesFor(question.catalog, action)) {
    const kind = rule.kind as keyof ServerParams;
    const found = (serverKinds[kind] as Judge<ServerParams, typeof kind> | undefined)?.(question, rule as never);
    if (found !== undefined) return isAllowed(found);
  }
  return false;
}
