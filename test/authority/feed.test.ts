import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  guards,
  journalHash,
  keysOf,
  payloadHash,
  verifyKeyset,
  verifyToken,
  type HeadClaims,
  type Message,
} from '@leasehold/protocol';
import { sha256 } from '../../packages/authority/src/keys/ed25519.js';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { FeedReader } from '../support/feed-reader.js';
import { ed25519 } from '../support/signing.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

const company = (name: string) => asPerson(bench, 'companyCreate', { body: { name } });
const position = async (): Promise<string> => {
  const { epoch, seq } = (await asPerson(bench, 'me')).body;
  return `${epoch}:${seq}`;
};

describe('feed', () => {
  test('a change is there within a second, with the row that changed and a head that verifies', async () => {
    const reader = await FeedReader.open(bench, await position());
    const before = Date.now();
    const { body } = await company('Alpha');
    const row = await reader.row();
    expect(Date.now() - before).toBeLessThan(1000);
    expect(guards.isJournalRow(row)).toBe(true);
    expect(row).toMatchObject({ epoch: body.epoch, seq: body.seq, type: 'company.created' });
    const payload: unknown = JSON.parse(row.payload!);
    expect(guards.isJournalPayload(payload)).toBe(true);
    expect((payload as Message<'JournalPayload'>).rows).toEqual([
      { table: 'company', id: body.id, row: { id: body.id, name: 'Alpha', parentId: null } },
    ]);
    const head = await verifiedHead(await reader.head(({ seq }) => seq === row.seq));
    expect(head).toMatchObject({ iss: 'acme', epoch: row.epoch, seq: row.seq, hash: row.hash });
    reader.close();
  });

  test('rows chain by the hashes that everyone computes', async () => {
    const from = await position();
    await company('Beta');
    await company('Gamma');
    const reader = await FeedReader.open(bench, from);
    const [first, second] = [await reader.row(), await reader.row()];
    expect(second.prev).toBe(first.hash);
    for (const { epoch, seq, at, type, actor, payload, prev, hash, payloadHash: ofPayload } of [first, second]) {
      expect(await payloadHash(payload!, sha256)).toBe(ofPayload);
      const link = { account: 'acme', epoch, seq, at, type, actor, payloadHash: ofPayload, prev };
      expect(await journalHash(link, sha256)).toBe(hash);
    }
    reader.close();
  });

  test('resumes without a gap or a repeat, however often it is torn', async () => {
    const seen: number[] = [];
    const start = await position();
    let at = start;
    const changes = (async () => {
      for (let n = 0; n < 120; n += 1) await company(`torn ${n}`);
    })();
    while (seen.length < 120) {
      const reader = await FeedReader.open(bench, at);
      const rows = 1 + Math.floor(Math.random() * 9);
      for (let n = 0; n < rows && seen.length < 120; n += 1) {
        const row = await reader.row();
        seen.push(row.seq);
        at = `${row.epoch}:${row.seq}`;
      }
      reader.close();
    }
    await changes;
    const first = Number(start.split(':')[1]) + 1;
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => first + n));
  });

  test('the feed of a token that was rotated ends with it', async () => {
    const body = { name: 'Rotated', role: 'viewer', validDays: 300 } as const;
    const { token } = (await asPerson(bench, 'tokenCreate', { body })).body;
    const reader = await FeedReader.open({ authority: bench.authority, ownerToken: token });
    await reader.next();
    await asPerson(bench, 'tokenRotate', { body: { overlapHours: 1 } }, token);
    expect((await reader.row()).type).toBe('token.created');
    bench.clock += 2 * 3_600_000;
    await asPerson(bench, 'companyCreate', { body: { name: 'Told to nobody' } });
    await expect(reader.row()).rejects.toThrow('the feed ended');
  });

  test('20 readers see the same rows in the same order while 5 writers write', async () => {
    const from = await position();
    const readers = await Promise.all(Array.from({ length: 20 }, () => FeedReader.open(bench, from)));
    await Promise.all(
      Array.from({ length: 5 }, async (_, writer) => {
        for (let n = 0; n < 10; n += 1) await company(`w${writer} ${n}`);
      }),
    );
    const first = Number(from.split(':')[1]) + 1;
    const wanted = Array.from({ length: 50 }, (_, n) => first + n);
    for (const reader of readers) {
      const seen: number[] = [];
      while (seen.length < 50) seen.push((await reader.row()).seq);
      expect(seen).toEqual(wanted);
      reader.close();
    }
  });

  test.each([['nothing'], ['7:3'], ['1:999999'], ['rubbish']])(
    'from %s it starts with a snapshot position',
    async (from) => {
      const reader = await FeedReader.open(bench, from === 'nothing' ? undefined : from);
      const { event, data } = await reader.next();
      expect(event).toBe('snapshot');
      expect(data).toEqual({ epoch: 1, seq: (await asPerson(bench, 'me')).body.seq });
      reader.close();
    },
  );

  test('needs a token; goes on after the authority was started again', async () => {
    const refused = await fetch(`${bench.authority.url}/v1/admin/feed`);
    expect(refused.status).toBe(401);
    const at = await position();
    await bench.restart();
    await company('after the restart');
    const reader = await FeedReader.open(bench, at);
    expect(JSON.parse((await reader.row()).payload!)).toMatchObject({ details: { name: 'after the restart' } });
    reader.close();
  });
});

async function verifiedHead(token: string): Promise<HeadClaims> {
  const { body } = await asPerson(bench, 'keyset');
  const keyset = await verifyKeyset(body.keyset, [bench.rootJwk], ed25519);
  return verifyToken('head', token, { ed25519, keys: keysOf(keyset), expect: { iss: 'acme' } });
}

describe('a token that ends', () => {
  const follower = async (validDays: number) => {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: 'Follower', role: 'viewer', validDays } });
    const from = await position();
    return { id: body.id, reader: await FeedReader.open({ authority: bench.authority, ownerToken: body.token }, from) };
  };

  test('revoked: its stream ends before the row that says so, others go on', async () => {
    const stays = await FeedReader.open(bench, await position());
    const { id, reader } = await follower(30);
    expect((await asPerson(bench, 'tokenRevoke', { params: { token: id } })).status).toBe(200);
    await expect(reader.row()).rejects.toThrow('the feed ended');
    while ((await stays.row()).type !== 'token.revoked');
    await company('After the revocation');
    expect(await stays.row()).toMatchObject({ type: 'company.created' });
    stays.close();
  });

  test('expired: nothing that is journaled later reaches it', async () => {
    const { reader } = await follower(1);
    bench.clock += 2 * 86_400_000;
    await company('After the end');
    await expect(reader.row()).rejects.toThrow('the feed ended');
  });
});
