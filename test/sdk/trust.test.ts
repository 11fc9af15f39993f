import { entitlementsDigest, signToken } from '@leasehold/protocol';
import type { LeaseClaims } from '@leasehold/protocol';
import { describe, expect, test } from 'vitest';
import { newSigner } from '../support/signing.js';
import { TrustPath, sha256 } from '../../packages/sdk/src/trust/trust.js';

const BASE = { iss: 'account-1', product: 'acme-backup', epoch: 1 };
const SUB = 'machine-1';

describe('entitlements that come again', () => {
  async function site() {
    const [root, signer] = [await newSigner(), await newSigner()];
    const { kid, x } = signer.jwk;
    const keys = [{ kid, x, nbf: 1_600_000_000, exp: 4_000_000_000 }];
    const keyset = (version: number, revokedAt?: number): Promise<string> => {
      const listed = revokedAt === undefined ? keys : keys.map((key) => ({ ...key, revokedAt }));
      const times = { iat: 1_700_000_000, exp: 4_000_000_000 };
      return signToken('keyset', { iss: BASE.iss, epoch: 1, version, ...times, keys: listed }, root);
    };
    const self = { kind: 'machine', id: SUB } as const;
    const claims = { ...BASE, sub: SUB, iat: 1_750_000_000, self, facts: { profile: 'aip' } };
    const token = await signToken('entitlements', claims, signer);
    const lease = { sub: SUB, entitlements: await entitlementsDigest(claims, sha256) } as LeaseClaims;
    const trust = new TrustPath([{ ...root.publicKey }], BASE.product);
    await trust.adoptKeyset(await keyset(1));
    expect((await trust.entitlements(token, lease)).sub).toBe(SUB);
    return { trust, token, lease, keyset };
  }

  test('are proved anew under another keyset: a key that was revoked since proves nothing', async () => {
    const { trust, token, lease, keyset } = await site();
    await trust.adoptKeyset(await keyset(2, 1_740_000_000));
    await expect(trust.entitlements(token, lease)).rejects.toMatchObject({ name: 'LeaseholdError' });
  });

  test('are held against the lease each time, and against whose they are', async () => {
    const { trust, token, lease } = await site();
    await expect(trust.entitlements(token, { ...lease, entitlements: 'other' })).rejects.toMatchObject({
      code: 'ENTITLEMENTS_INVALID',
    });
    await expect(trust.entitlements(token, { ...lease, sub: 'machine-2' })).rejects.toMatchObject({
      code: 'TOKEN_FOREIGN',
    });
    expect((await trust.entitlements(token, lease)).sub).toBe(SUB);
  });

  test('that differ by one letter are proved', async () => {
    const { trust, token, lease } = await site();
    const [head = '', body = '', seal = ''] = token.split('.');
    const edited = `${head}.${body}.${seal.startsWith('A') ? 'B' : 'A'}${seal.slice(1)}`;
    await expect(trust.entitlements(edited, lease)).rejects.toMatchObject({ code: 'TOKEN_SIGNATURE' });
  });
});
