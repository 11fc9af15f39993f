import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { journalHash, payloadHash, type Sha256 } from '@leasehold/protocol';
import { TrustBroken } from '../../extension/src/connection/keyset.js';
import { JournalChain } from '../../extension/src/feed/journal-chain.js';
import type { HeadClaims, JournalRow } from '../../extension/src/model/rows.js';

const sha256: Sha256 = (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest());
const ACCOUNT = 'acme';

async function row(seq: number, prev: string, payload: string | null = `{"n":${seq}}`): Promise<JournalRow> {
  const hash = await payloadHash(payload ?? 'erased', sha256);
  const link = { account: ACCOUNT, epoch: 1, seq, at: seq, type: 't', actor: 'system', payloadHash: hash, prev };
  const { account: _account, ...rest } = link;
  return { ...rest, payload, hash: await journalHash(link, sha256) };
}

async function journal(count: number): Promise<JournalRow[]> {
  const rows: JournalRow[] = [];
  for (let seq = 1; seq <= count; seq += 1) rows.push(await row(seq, rows.at(-1)?.hash ?? ''));
  return rows;
}

const start = () => new JournalChain(ACCOUNT, { epoch: 1, seq: 0, hash: '' }, sha256);
const head = (of: JournalRow, hash = of.hash): HeadClaims => ({ iss: ACCOUNT, epoch: 1, seq: of.seq, hash, iat: 0 });

describe('a journal that is whole', () => {
  test('is followed row by row, each once', async () => {
    const chain = start();
    for (const each of await journal(5)) expect(await chain.accept(each)).toBe('new');
    expect(chain.at.seq).toBe(5);
    for (const each of await journal(5)) expect(await chain.accept(each)).toBe('known');
  });

  test('is verified once a signed head covers its last row, early or late', async () => {
    const rows = await journal(4);
    const chain = start();
    expect(chain.confirm(head(rows[3]!))).toBe(false);
    for (const each of rows) await chain.accept(each);
    expect(chain.signed).toEqual({ epoch: 1, seq: 4, hash: rows[3]!.hash });
  });

  test('stays whole when a payload was erased', async () => {
    const first = await row(1, '', null);
    expect(await start().accept(first)).toBe('new');
  });

  test('says when rows are missing', async () => {
    const rows = await journal(3);
    const chain = start();
    await chain.accept(rows[0]!);
    expect(await chain.accept(rows[2]!)).toBe('gap');
    expect(chain.at.seq).toBe(1);
  });
});

describe('a journal that was changed', () => {
  const changes: Record<string, (each: JournalRow) => JournalRow> = {
    'another actor': (each) => ({ ...each, actor: 'admin:x' }),
    'another type': (each) => ({ ...each, type: 'u' }),
    'another time': (each) => ({ ...each, at: each.at + 1 }),
    'another payload': (each) => ({ ...each, payload: '{"n":99}' }),
    'another payload hash': (each) => ({ ...each, payloadHash: each.hash }),
    'another hash': (each) => ({ ...each, hash: each.prev }),
    'another predecessor': (each) => ({ ...each, prev: each.hash }),
  };

  test.each(Object.keys(changes))('%s breaks the chain', async (name) => {
    const rows = await journal(3);
    const chain = start();
    await chain.accept(rows[0]!);
    await expect(chain.accept(changes[name]!(rows[1]!))).rejects.toThrow(TrustBroken);
  });

  test('a row of another account breaks it', async () => {
    const chain = new JournalChain('other', { epoch: 1, seq: 0, hash: '' }, sha256);
    await expect(chain.accept((await journal(1))[0]!)).rejects.toThrow(TrustBroken);
  });

  test('a row sent again with another content breaks it', async () => {
    const rows = await journal(2);
    const chain = start();
    for (const each of rows) await chain.accept(each);
    const forged = await row(2, rows[0]!.hash, '{"n":"forged"}');
    await expect(chain.accept(forged)).rejects.toThrow(TrustBroken);
  });

  test('a signed head of another history breaks it, also when it comes late', async () => {
    const rows = await journal(3);
    const chain = start();
    for (const each of rows) await chain.accept(each);
    expect(() => chain.confirm(head(rows[1]!, rows[2]!.hash))).toThrow(TrustBroken);
  });
});
