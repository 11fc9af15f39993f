import type { Message } from '@leasehold/protocol';
import type { JournalRow } from '../store/index.js';

/** A journal row as it travels. */
export function toFeedRow(row: JournalRow): Message<'JournalRow'> {
  return {
    epoch: row.epoch,
    seq: row.seq,
    at: row.at,
    type: row.type,
    actor: row.actor,
    payload: row.payload,
    payloadHash: row.payload_hash,
    prev: row.prev_hash,
    hash: row.hash,
  };
}
