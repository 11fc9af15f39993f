import { createHmac, pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import {
  CODE_ROUNDS,
  CODES,
  codeSalt,
  formatCode,
  LeaseholdError,
  canonicalCode,
  type Message,
} from '@leasehold/protocol';
import { BY_ROLE, type Change } from '../serving/changes.js';
import { appendJournal, type Reader } from '../store/index.js';
import { findMedium } from './rows.js';

const derive = promisify(pbkdf2);
/** Bytes of a hash as it stands in a passport. */
const HASH_BYTES = 8;

/** The code that answers one challenge of a medium; nobody but the authority can make it, and it is nowhere kept. */
export function codeOf(secret: Uint8Array, media: string, stampedAt: number, index: number): string {
  return formatCode(
    createHmac('sha256', secret)
      .update(codeSalt(media, stampedAt, index))
      .digest()
      .subarray(0, 7),
  );
}

/** The hashes of all codes of a medium, for its passport. In slices, so that other hashing has its turn. */
export async function codeHashes(secret: Uint8Array, media: string, stampedAt: number): Promise<string[]> {
  const hashes: string[] = [];
  for (let index = 0; index < CODES; index += 1) {
    const code = canonicalCode(codeOf(secret, media, stampedAt, index));
    const hash = await derive(code, codeSalt(media, stampedAt, index), CODE_ROUNDS, HASH_BYTES, 'sha256');
    hashes.push(hash.toString('base64url'));
  }
  return hashes;
}

export interface CodeAsked {
  readonly id: string;
  readonly media: string;
  /** In its one spelling. */
  readonly challenge: string;
  readonly note: string;
  /** The signing key of now: codes of a passport that an older one's secret made cannot be told any more. */
  readonly kid: string;
}

/** Notes that a one-time code was given, to whom and why. It opens a recovery and never a cold backup (F-10). */
export const codeCreate: Change<CodeAsked, null, { readonly id: string; readonly stampedAt: number }> = {
  async judge(reader, { account }, { media, kid }) {
    const medium = await findMedium(reader, account, media);
    if (medium === undefined) {
      throw new LeaseholdError('NOT_FOUND', 'There is no such boot medium.', { path: 'media' });
    }
    if (medium.code_kid !== kid) {
      throw new LeaseholdError('CONFLICT', 'This medium was stamped under another signing key, and takes no codes.', {
        path: 'media',
        remedy: 'Stamp it again. For the recovery at hand use a recovery proof, or a medium that was stamped since.',
      });
    }
    return { decision: BY_ROLE, plan: null };
  },
  async apply(tx, { account, actor }, { id, media, challenge, note }, _plan, now) {
    const medium = (await findMedium(tx, account, media))!;
    await tx.run(
      `INSERT INTO one_time_codes (account, id, media_id, challenge, note, author, given_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      [account, id, media, challenge, note, actor, now],
    );
    appendJournal(tx, account, {
      type: 'code.given',
      subject: { type: 'media', id: media },
      actor,
      details: { code: id, challenge, note },
      rows: [],
    });
    return { id, stampedAt: Math.floor(medium.created_at / 1000) };
  },
};

/** Codes that were given, the last first; the codes themselves are nowhere kept. */
export async function listCodes(
  reader: Reader,
  { account, after, limit }: { readonly account: string; readonly after: string | null; readonly limit: number },
): Promise<Message<'CodePage'>> {
  const from =
    after === null
      ? undefined
      : await reader.get<{ given_at: number }>('SELECT given_at FROM one_time_codes WHERE account = ? AND id = ?', [
          account,
          after,
        ]);
  const at = from?.given_at ?? Number.MAX_SAFE_INTEGER;
  const rows = await reader.all<{
    id: string;
    media_id: string;
    challenge: string;
    note: string;
    author: string;
    given_at: number;
  }>(
    `SELECT * FROM one_time_codes WHERE account = ? AND (given_at < ? OR (given_at = ? AND id < ?))
       ORDER BY given_at DESC, id DESC LIMIT ?`,
    [account, at, at, after ?? '', limit],
  );
  const total = await reader.get<{ n: number }>('SELECT count(*) AS n FROM one_time_codes WHERE account = ?', [
    account,
  ]);
  return {
    rows: rows.map((row) => ({
      id: row.id,
      media: row.media_id,
      challenge: row.challenge,
      note: row.note,
      author: row.author,
      at: new Date(row.given_at).toISOString(),
    })),
    next: rows.length < limit ? null : rows.at(-1)!.id,
    total: total?.n ?? 0,
  };
}
