import { signToken, type SubLeaseClaims } from '@leasehold/protocol';
import type { License, Testing } from '@leasehold/sdk';
import { lendingOf } from '@leasehold/sdk/relay';
import { beforeEach, describe, expect, test } from 'vitest';
import { claimsOf } from '../support/authority.js';
import { RelaySite } from '../support/relay-site.js';
import { BACKUP, RESTORE } from '../support/sdk-fixture.js';
import { newSigner } from '../support/signing.js';

type Wire = NonNullable<Testing['wire']>;
type Reply = { lease: string; relay?: { lease: string; x: string }; entitlements?: string; keyset?: string };

/** Carries requests to a relay and changes what it answers. */
function dishonest(change: (reply: Reply) => Promise<Reply> | Reply): Wire {
  return {
    async send({ method, url, headers, body = null }) {
      const response = await fetch(url, { method, headers, body });
      const text = await response.text();
      const changed = response.ok ? JSON.stringify(await change(JSON.parse(text) as Reply)) : text;
      return { status: response.status, headers: Object.fromEntries(response.headers), text: changed };
    },
    close: async () => undefined,
  };
}

const QUOTA = 3;
let site: RelaySite;
let joined: number;
beforeEach(async () => {
  site = await RelaySite.start(QUOTA);
  joined = 0;
});

async function joinedBy(change: (reply: Reply) => Promise<Reply> | Reply): Promise<License> {
  joined += 1;
  return site.agent(`pc${joined}`, await site.relay.enroll('obm'), { wire: dishonest(change) });
}

/** What a relay that was tampered with could sign: it has its own device key. */
async function signed(reply: Reply, claims: Partial<SubLeaseClaims>): Promise<Reply> {
  const { signer } = (await lendingOf(site.server))!;
  const former = claimsOf(reply.lease) as unknown as SubLeaseClaims;
  return { ...reply, lease: await signToken('subLease', { ...former, ...claims }, signer) };
}

function expectRefused(license: License, code: string): void {
  expect(license.authorize(BACKUP)).toMatchObject({ allowed: false, code });
  expect(license.authorize(RESTORE).allowed).toBe(true);
}

describe('an agent believes a relay as far as the chain to its pinned root goes', () => {
  test('the honest answer', async () => {
    expect((await joinedBy((reply) => reply)).authorize(BACKUP).allowed).toBe(true);
  });

  test('a number beyond the quota is refused, however well it is signed', async () => {
    expectRefused(await joinedBy((reply) => signed(reply, { slot: { kind: 'obm', n: QUOTA + 1 } })), 'SEATS_EXHAUSTED');
    expectRefused(await joinedBy((reply) => signed(reply, { slot: { kind: 'acb', n: 1 } })), 'SEATS_EXHAUSTED');
  });

  test('a sub-lease that outlives the relay’s own lease', async () => {
    expectRefused(await joinedBy((reply) => signed(reply, { exp: claimsOf(reply.lease).exp + 1 })), 'TOKEN_FOREIGN');
    expectRefused(await joinedBy((reply) => signed(reply, { iat: claimsOf(reply.lease).iat - 60 })), 'TOKEN_FOREIGN');
  });

  test('a sub-lease of another client, of another lease, or for another product', async () => {
    expectRefused(await joinedBy((reply) => signed(reply, { cnf: { jkt: 'AAAA' } })), 'TOKEN_FOREIGN');
    const elsewhere = { instance: 'server-2', lease: '1.AAAA' };
    expectRefused(await joinedBy((reply) => signed(reply, { relay: elsewhere })), 'TOKEN_FOREIGN');
    expectRefused(await joinedBy((reply) => signed(reply, { product: 'other' })), 'TOKEN_FOREIGN');
  });

  test('a key that the relay’s lease is not bound to', async () => {
    const stranger = await newSigner();
    const forged = async (reply: Reply): Promise<Reply> => ({
      ...reply,
      lease: await signToken('subLease', claimsOf(reply.lease) as unknown as SubLeaseClaims, stranger),
    });
    expectRefused(await joinedBy(forged), 'TOKEN_SIGNATURE');
    const withKey = async (reply: Reply): Promise<Reply> => {
      const answer = await forged(reply);
      return { ...answer, relay: { ...reply.relay!, x: stranger.publicKey.x } };
    };
    expectRefused(await joinedBy(withKey), 'TOKEN_FOREIGN');
  });

  test('the relay’s own lease in place of a sub-lease, and a sub-lease without what it rests on', async () => {
    expectRefused(await joinedBy((reply) => ({ ...reply, lease: reply.relay!.lease })), 'TOKEN_KIND');
    expectRefused(await joinedBy(({ relay, ...reply }) => ({ ...reply, lease: relay!.lease })), 'TOKEN_FOREIGN');
    expectRefused(await joinedBy(({ relay: _relay, ...reply }) => reply), 'TOKEN_KIND');
  });
});
