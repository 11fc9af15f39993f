import { readJwk, toBase64Url } from '@leasehold/protocol';
import { describe, expect, test } from 'vitest';
import { checkSeal, unseal } from '../../packages/protocol/src/seal.js';
import { ed25519 } from '../support/signing.js';
import { ed25519 as authorityEd25519 } from '../../packages/authority/src/keys/ed25519.js';
import { ed25519 as sdkEd25519 } from '../../packages/sdk/src/trust/ed25519.js';
import { vectorGroups, vectorsPresent } from '../support/vectors.js';

describe.skipIf(!vectorsPresent)('public vectors (needs the folder of vectors, which is not part of the clone)', () => {
  test.each([
    ['of the tests', ed25519],
    ['of the SDK', sdkEd25519],
    ['of the authority', authorityEd25519],
  ])('the Ed25519 primitive %s gives the documented result for every case', async (_whose, primitive) => {
    const groups = vectorGroups<{ msg: string; sig: string }>('ed25519_test.json');
    let cases = 0;
    for (const group of groups) {
      const key = Uint8Array.from(Buffer.from(group.publicKey?.pk ?? '', 'hex'));
      for (const { msg, sig, result, tcId } of group.tests) {
        const bytes = Uint8Array.from(Buffer.from(sig, 'hex'));
        const held = await primitive.verify(Uint8Array.from(Buffer.from(msg, 'hex')), bytes, key);
        expect(held, `case ${tcId}`).toBe(result === 'valid');
        cases += 1;
      }
    }
    expect(cases).toBe(151);
  });

  test('no JWS case is EdDSA, so each is refused with a typed error', async () => {
    let cases = 0;
    for (const group of vectorGroups<{ jws: string | object }>('json_web_signature_test.json')) {
      for (const { jws, tcId } of group.tests) {
        cases += 1;
        await expect(
          (async () => {
            const parts = unseal(jws as string, 65_536);
            await checkSeal(parts, { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(new Uint8Array(32)) }, ed25519);
          })(),
          `case ${tcId}`,
        ).rejects.toMatchObject({ code: 'TOKEN_MALFORMED' });
      }
    }
    expect(cases).toBe(401);
  });

  test('no key of the JWK cases is accepted', () => {
    let cases = 0;
    for (const group of vectorGroups<{ jws: string }>('json_web_key_test.json')) {
      cases += group.tests.length;
      for (const holder of [group.public, group.private]) {
        for (const jwk of holder?.keys ?? (holder === undefined ? [] : [holder])) {
          expect(() => readJwk(jwk)).toThrow(expect.objectContaining({ code: 'TOKEN_MALFORMED' }) as Error);
        }
      }
      for (const { jws } of group.tests) {
        expect(() => unseal(jws, 65_536)).toThrow(expect.objectContaining({ code: 'TOKEN_MALFORMED' }) as Error);
      }
    }
    expect(cases).toBe(26);
  });
});
