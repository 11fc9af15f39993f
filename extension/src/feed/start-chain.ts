import { TrustBroken } from '../connection/keyset.js';
import { isAfter, readTrust, type SavedConnection } from '../connection/saved.js';
import { sha256 } from '../connection/ed25519.js';
import type { Platform } from '../platform.js';
import type { HeadClaims } from '../model/rows.js';
import { JournalChain } from './journal-chain.js';

/** Rows that are followed one by one after an absence; beyond it pages load what is there now. */
const TOO_FAR = 10_000;

/** Where to go on from. `fresh` says that rows before the head were not followed: pages load everything again. */
export interface ChainStart {
  readonly chain: JournalChain;
  readonly fresh: boolean;
  /** The authority was restored from a backup since: its epoch rose. */
  readonly restored: boolean;
}

/** Goes on from the place that was verified before. A first connection, or a new epoch, begins at the signed head; a head
 * that lies before what was already verified is history taken back. Rejects with TrustBroken. */
export async function startChain(
  platform: Platform,
  connection: SavedConnection,
  head: HeadClaims,
  isPart: boolean,
): Promise<ChainStart> {
  const { anchor } = await readTrust(platform, connection.id);
  const at = (from: { epoch: number; seq: number; hash: string }) => {
    const chain = new JournalChain(connection.account, from, sha256, isPart);
    if (!isPart) chain.confirm(head);
    return chain;
  };
  const headAnchor = { epoch: head.epoch, seq: head.seq, hash: head.hash };
  if (anchor === undefined) return { chain: at(headAnchor), fresh: true, restored: false };
  if (head.epoch > anchor.epoch) return { chain: at(headAnchor), fresh: true, restored: true };
  // So far behind that the authority sends no rows: begin at the head it signed.
  if (head.epoch === anchor.epoch && head.seq - anchor.seq > TOO_FAR) {
    return { chain: at(headAnchor), fresh: true, restored: false };
  }
  if (isAfter(anchor, headAnchor)) {
    throw new TrustBroken(
      'CHAIN_BROKEN',
      `The journal ends at entry ${head.seq}, but entry ${anchor.seq} was verified here before.`,
    );
  }
  return { chain: at(anchor), fresh: false, restored: false };
}
