import { CompactSign, compactVerify, importJWK } from 'jose';
import {
  type Signer,
  type TokenKind,
  keysOf,
  signToken,
  toBase64Url,
  utf8,
  verifyKeyset,
  verifyProof,
  verifyToken,
} from '@leasehold/protocol';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { seal } from '../../packages/protocol/src/seal.js';
import { ed25519, newSigner } from '../support/signing.js';

const LEASE = {
  iss: 'acct-1',
  product: 'acme-backup',
  epoch: 1,
  sub: 'inst-1',
  jti: '1.bm9uY2U',
  seq: 1,
  parent: null,
  iat: 1_800_000_000,
  exp: 1_801_209_600,
  cnf: { jkt: 'dGh1bWI' },
  license: 'lic-1',
  components: { machine_id: 'aGFzaA' },
  catalog: { id: 'aip', version: 1 },
  entitlements: 'ZGlnZXN0',
};
const HEAD = { iss: 'acct-1', epoch: 1, seq: 7, hash: 'aGFzaA', iat: 1_800_000_000 };

let root: Awaited<ReturnType<typeof newSigner>>;
let signer: Awaited<ReturnType<typeof newSigner>>;
beforeAll(async () => {
  root = await newSigner();
  signer = await newSigner();
});
const keyset = (over: object = {}, key: object = {}) => ({
  iss: 'acct-1',
  epoch: 1,
  version: 3,
  iat: 1_790_000_000,
  exp: 1_830_000_000,
  keys: [{ kid: signer.jwk.kid, x: signer.jwk.x, nbf: 1_790_000_000, exp: 1_820_000_000, ...key }],
  ...over,
});
const verification = (key: object = {}) => ({
  ed25519,
  keys: keysOf(keyset({}, key)),
  expect: { iss: 'acct-1', product: 'acme-backup' },
});
const rejects = async (promise: Promise<unknown>, code: string) => {
  await expect(promise).rejects.toMatchObject({ code });
};

describe('the seal', () => {
  test('is read by an independent library, and reads what that library sealed', async () => {
    const token = await signToken('lease', LEASE, signer);
    const { payload } = await compactVerify(token, await importJWK({ ...signer.jwk, alg: 'EdDSA' }, 'EdDSA'));
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual(LEASE);

    const { privateKey, publicKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
    const x = toBase64Url(new Uint8Array(await crypto.subtle.exportKey('raw', publicKey)));
    const foreign = await new CompactSign(utf8(JSON.stringify(LEASE)))
      .setProtectedHeader({ alg: 'EdDSA', typ: 'leasehold-lease+jws', kid: 'k' })
      .sign(privateKey);
    const claims = await verifyToken('lease', foreign, { ed25519, keys: () => ({ kty: 'OKP', crv: 'Ed25519', x }) });
    expect(claims).toEqual(LEASE);
  });

  test('breaks by any single changed character', async () => {
    const token = await signToken('lease', LEASE, signer);
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.constantFrom(...'ABCxyz019-_.='), async (at, letter) => {
        fc.pre(token[at] !== letter);
        await expect(
          verifyToken('lease', token.slice(0, at) + letter + token.slice(at + 1), verification()),
        ).rejects.toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test('breaks by truncation at every length', async () => {
    const token = await signToken('head', HEAD, signer);
    for (let length = 0; length < token.length; length += 1) {
      await expect(verifyToken('head', token.slice(0, length), verification())).rejects.toMatchObject({
        name: 'LeaseholdError',
      });
    }
  });
});

describe('one verified path for every token', () => {
  test('one kind is never accepted as another', async () => {
    const kinds: TokenKind[] = [
      'keyset',
      'lease',
      'entitlements',
      'media',
      'session',
      'recovery',
      'head',
      'time',
      'proof',
    ];
    const lease = await signToken('lease', LEASE, signer);
    for (const kind of kinds.filter((candidate) => candidate !== 'lease')) {
      await rejects(verifyToken(kind, lease, verification()), 'TOKEN_KIND');
    }
  });

  test.each([
    ['another product', { product: 'other' }, 'TOKEN_FOREIGN'],
    ['another account', { iss: 'acct-2' }, 'TOKEN_FOREIGN'],
    ['no end', { exp: undefined }, 'TOKEN_CLAIMS'],
    ['an end that is a text', { exp: '1801209600' }, 'TOKEN_CLAIMS'],
    ['no device key', { cnf: {} }, 'TOKEN_CLAIMS'],
    ['a key window that had not begun', { iat: 1_789_999_999 }, 'TOKEN_SIGNATURE'],
    ['a key window that had ended', { iat: 1_820_000_000 }, 'TOKEN_SIGNATURE'],
  ])('refuses a lease with %s', async (_what, over, code) => {
    const token = await signToken('lease', { ...LEASE, ...over } as typeof LEASE, signer);
    await rejects(verifyToken('lease', token, verification()), code);
  });

  test('a lease issued before its key was revoked still holds; one issued after does not', async () => {
    const token = await signToken('lease', LEASE, signer);
    await expect(verifyToken('lease', token, verification({ revokedAt: LEASE.iat + 1 }))).resolves.toEqual(LEASE);
    await rejects(verifyToken('lease', token, verification({ revokedAt: LEASE.iat })), 'TOKEN_SIGNATURE');
  });

  test('an unknown key is told from a broken seal', async () => {
    const token = await signToken('lease', LEASE, await newSigner());
    await rejects(verifyToken('lease', token, verification()), 'KEY_UNKNOWN');
  });

  test.each([
    ['crit', { crit: ['exp'] }],
    ['b64', { b64: false }],
    ['a key source', { jku: 'https://example.org/keys' }],
    ['another algorithm', { alg: 'HS256' }],
    ['no algorithm', { alg: 'none' }],
    ['a private key', { jwk: { kty: 'OKP', crv: 'Ed25519', x: toBase64Url(new Uint8Array(32)), d: 'AA' } }],
  ])('refuses a header with %s', async (_what, member) => {
    const header = toBase64Url(utf8(JSON.stringify({ alg: 'EdDSA', typ: 'leasehold-lease+jws', kid: 'k', ...member })));
    const text = `${header}.${toBase64Url(utf8(JSON.stringify(LEASE)))}`;
    const token = `${text}.${toBase64Url(await signer.sign(utf8(text)))}`;
    await rejects(verifyToken('lease', token, verification()), 'TOKEN_MALFORMED');
  });

  test('refuses duplicate members at any depth, in any spelling', async () => {
    const bodies = ['{"a":1,"a":2}', '{"a":{"b":1,"\\u0062":2}}', '{"a":[{"x":1, "x" : 2}]}', '{"__proto__":{}}'];
    for (const body of bodies) {
      const header = toBase64Url(
        utf8(JSON.stringify({ alg: 'EdDSA', typ: 'leasehold-lease+jws', kid: signer.jwk.kid })),
      );
      const text = `${header}.${toBase64Url(utf8(body))}`;
      const token = `${text}.${toBase64Url(await signer.sign(utf8(text)))}`;
      await rejects(verifyToken('lease', token, verification()), 'TOKEN_MALFORMED');
    }
  });

  test('refuses a token over its size', async () => {
    const wide = {
      ...LEASE,
      components: Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`c${i}`, 'aGFzaGhhc2g'])),
    };
    await rejects(verifyToken('lease', await signToken('lease', wide, signer), verification()), 'TOKEN_MALFORMED');
  });
});

describe('keysets', () => {
  test('hold under a pinned root only', async () => {
    const token = await signToken('keyset', keyset(), root);
    await expect(verifyKeyset(token, [root.jwk], ed25519)).resolves.toMatchObject({ version: 3 });
    await rejects(verifyKeyset(token, [signer.jwk], ed25519), 'WRONG_ROOT');
    await rejects(verifyKeyset(token, [], ed25519), 'WRONG_ROOT');
    const impostor: Signer = { ...signer, publicKey: root.jwk };
    await rejects(verifyKeyset(await signToken('keyset', keyset(), impostor), [root.jwk], ed25519), 'TOKEN_SIGNATURE');
  });

  test('with one key id twice are ambiguous and refused', async () => {
    const other = await newSigner();
    const keys = [...keyset().keys, { ...keyset().keys[0]!, x: other.jwk.x }];
    await rejects(verifyKeyset(await signToken('keyset', keyset({ keys }), root), [root.jwk], ed25519), 'TOKEN_CLAIMS');
  });

  test.each([
    [{ epoch: 1, version: 3 }, true],
    [{ epoch: 1, version: 2 }, true],
    [{ epoch: 0, version: 9 }, true],
    [{ epoch: 1, version: 4 }, false],
    [{ epoch: 2, version: 0 }, false],
  ])('seen %j before: accepted %s', async (highest, accepted) => {
    const result = verifyKeyset(await signToken('keyset', keyset(), root), [root.jwk], ed25519, highest);
    if (accepted) await expect(result).resolves.toBeDefined();
    else await rejects(result, 'KEYSET_ROLLBACK');
  });
});

test('a proof is verified by the key that it carries', async () => {
  const proof = {
    htm: 'POST' as const,
    htu: 'http://127.0.0.1/v1/check-in',
    bh: 'aGFzaA',
    iat: LEASE.iat,
    jti: 'bm9uY2U',
  };
  const token = await signToken('proof', proof, signer);
  const { claims, jwk } = await verifyProof(token, ed25519);
  expect(claims).toEqual(proof);
  expect(jwk.x).toBe(signer.jwk.x);
  await rejects(verifyProof(await seal('leasehold-proof+jws', proof, signer), ed25519), 'PROOF_INVALID');
  await rejects(verifyProof(await signToken('head', HEAD, signer), ed25519), 'TOKEN_KIND');
});
