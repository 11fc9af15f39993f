import { createHash, randomBytes } from 'node:crypto';
import {
  KEY_PREFIXES,
  LeaseholdError,
  PROBLEM_CODES,
  ROUTES,
  formatConnection,
  formatLicenseKey,
  fromBase64Url,
  fromProblem,
  guards,
  journalHash,
  parseConnection,
  parseLicenseKey,
  pathOf,
  payloadHash,
  toBase64Url,
  toProblem,
} from '@leasehold/protocol';
import { schemas } from '@leasehold/protocol/schemas';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
const typo = expect.objectContaining({ code: 'LICENSE_KEY_TYPO' }) as Error;

describe('license keys', () => {
  test('are read however they are typed', () => {
    fc.assert(
      fc.property(sixteen, fc.constantFrom('license' as const, 'enrollment' as const), (bytes, kind) => {
        const key = formatLicenseKey(kind, bytes);
        expect(key).toMatch(/^L[HE](-[0-9A-HJKMNP-TV-Z]{5}){6}$/);
        const sloppy = ` ${key.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o')} `;
        expect(parseLicenseKey(sloppy)).toEqual({ kind, canonical: key });
        expect(key.startsWith(KEY_PREFIXES[kind])).toBe(true);
      }),
    );
  });

  test('tell every single wrong letter and every swap of neighbors', () => {
    const key = formatLicenseKey(
      'license',
      Uint8Array.from(createHash('sha256').update('key').digest().subarray(0, 16)),
    );
    for (let at = 3; at < key.length; at += 1) {
      const letter = key[at] ?? '';
      if (letter === '-') continue;
      for (const other of LETTERS) {
        if (other !== letter) expect(() => parseLicenseKey(key.slice(0, at) + other + key.slice(at + 1))).toThrow(typo);
      }
      const next = key[at + 1] ?? '-';
      if (next === '-' || next === letter) continue;
      expect(() => parseLicenseKey(key.slice(0, at) + next + letter + key.slice(at + 2))).toThrow(typo);
    }
  });

  test.each([
    '',
    'LH',
    'XX-00000',
    'LH-UUUUU-00000-00000-00000-00000-00000',
    'LH-00000-00000-00000-00000-00000-000001',
  ])('refuse %j', (typed) => {
    expect(() => parseLicenseKey(typed)).toThrow(typo);
  });
});

describe('base64url', () => {
  test('round trips and has one spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(bytes);
      }),
    );
    for (const text of ['A', 'AB', 'AAB', 'AA=', 'A+AA', 'AA AA', 'é']) expect(fromBase64Url(text)).toBeUndefined();
  });
});

describe('connection strings', () => {
  const connection = { url: 'http://127.0.0.1:7420', roots: [toBase64Url(randomBytes(32))], token: 'lha_token' };
  test('survive a mail program', () => {
    const text = formatConnection(connection);
    expect(parseConnection(`  ${text.slice(0, 40)}\n  ${text.slice(40)}\n`)).toEqual(connection);
  });
  test.each([
    ['nothing', ''],
    ['cut', formatConnection(connection).slice(0, 60)],
    ['no root', formatConnection({ ...connection, roots: [] })],
    ['a short root', formatConnection({ ...connection, roots: ['AAAA'] })],
    ['no token', formatConnection({ ...connection, token: '' })],
    ['another scheme', formatConnection({ ...connection, url: 'javascript:alert(1)' })],
    ['a path in the address', formatConnection({ ...connection, url: 'http://127.0.0.1/x' })],
  ])('are refused: %s', (_what, text) => {
    expect(() => parseConnection(text)).toThrow(
      expect.objectContaining({ code: 'CONNECTION_STRING_INVALID' }) as Error,
    );
  });
});

describe('problems', () => {
  test('come back as they went, without their cause', () => {
    const error = new LeaseholdError('SEATS_EXHAUSTED', 'All 10 seats are taken.', {
      rule: 'AIP-0.1',
      cause: new Error('secret'),
    });
    const problem = toProblem(error);
    expect(problem).toMatchObject({ status: 409, code: 'SEATS_EXHAUSTED', rule: 'AIP-0.1' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    const back = fromProblem(problem, 409);
    expect(back).toMatchObject({ code: 'SEATS_EXHAUSTED', message: 'All 10 seats are taken.' });
    expect(LeaseholdError.is(back)).toBe(true);
  });
  test.each([undefined, null, '', 'text', {}, { code: 'NOPE', detail: 'x' }, { code: 'REFUSED' }])(
    '%j is never a success',
    (value) => {
      expect(fromProblem(value, 200).code).toBe('GUARD_FAILED');
    },
  );
  test('have HTTP statuses', () => {
    for (const status of Object.values(PROBLEM_CODES)) expect(status).toBeGreaterThanOrEqual(400);
  });
});

describe('routes and messages', () => {
  test('every message has a guard, and the empty object is none of those with required members', () => {
    for (const name of Object.keys(schemas)) {
      const guard = (guards as Record<string, unknown>)[`is${name}`];
      expect(guard, name).toBeTypeOf('function');
      const { type, required = [] } =
        (schemas as unknown as Record<string, { type?: string; required?: string[] }>)[name] ?? {};
      expect((guard as (value: unknown) => boolean)({}), name).toBe(type === 'object' && required.length === 0);
      for (const value of [
        null,
        undefined,
        1,
        ...(type === 'array' ? [] : [[]]),
        ...(type === 'string' ? [] : ['text']),
      ])
        expect((guard as (value: unknown) => boolean)(value), name).toBe(false);
    }
  });
  test('no two routes share method and path', () => {
    const seen = Object.values(ROUTES).map((row) => `${row.method} ${row.path}`);
    expect(new Set(seen).size).toBe(seen.length);
  });
  test('path parameters are filled and encoded', () => {
    expect(pathOf('poolSetQuota', { pool: 'a/b' })).toBe('/v1/admin/pools/a%2Fb/quota');
    expect(() => pathOf('poolSetQuota')).toThrow(TypeError);
  });
});

test('the journal chains the hash of a payload, so that erasing the payload leaves the chain whole', async () => {
  const sha256 = (bytes: Uint8Array) => Uint8Array.from(createHash('sha256').update(bytes).digest());
  const hash = await payloadHash('{"a":1}', sha256);
  const link = { account: 'a', epoch: 1, seq: 1, at: 0, type: 't', actor: 'x', payloadHash: hash, prev: '' };
  const first = await journalHash(link, sha256);
  expect(first).toMatch(/^[\w-]{43}$/);
  for (const [name, value] of Object.entries({
    seq: 2,
    at: 1,
    type: 'u',
    actor: 'y',
    payloadHash: 'z',
    prev: 'p',
    epoch: 2,
    account: 'b',
  })) {
    expect(await journalHash({ ...link, [name]: value }, sha256), name).not.toBe(first);
  }
});
