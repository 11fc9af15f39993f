import {
  linesOf,
  signToken,
  STATEMENT_COLUMNS,
  statementCells,
  StatementSum,
  verifyStatement,
  type StatementRecord,
} from '@leasehold/protocol';
import { beforeAll, describe, expect, test } from 'vitest';
import { ed25519, newSigner, sha256 } from '../support/signing.js';

const HEAD = {
  iss: 'acct-1',
  product: 'acme-backup',
  epoch: 1,
  iat: 1_800_000_000,
  month: '2026-06',
  timeZone: 'UTC',
  complete: true,
  companyId: null,
  companyName: null,
};
const record = (instance: string, kind: string, jobs: number): StatementRecord => {
  return { instance, name: `\u2028 ${instance}`, kind, jobs, bytes: jobs * 10 };
};
/** `b` stands in two parts. */
const PARTS = [
  [record('a', 'backup', 1), record('b', 'backup', 2)],
  [record('b', 'copy', 4)],
  [record('c', 'copy', 8)],
];

let root: Awaited<ReturnType<typeof newSigner>>;
let signer: Awaited<ReturnType<typeof newSigner>>;
let lines: string[];
beforeAll(async () => {
  [root, signer] = await Promise.all([newSigner(), newSigner()]);
  lines = await fileOf();
});

async function fileOf(totals: object = {}): Promise<string[]> {
  const sum = new StatementSum(sha256);
  const parts = PARTS.map((records) => JSON.stringify({ records }));
  for (const [n, line] of parts.entries()) await sum.add({ records: PARTS[n]! }, line);
  const claims = sum.claims();
  const keys = [{ kid: signer.jwk.kid, x: signer.jwk.x, nbf: 1_790_000_000, exp: 1_820_000_000 }];
  const keyset = { iss: 'acct-1', epoch: 1, version: 1, iat: 1_790_000_000, exp: 1_830_000_000, keys };
  const signed = { ...HEAD, ...claims, totals: { ...claims.totals, ...totals } };
  const seal = {
    statement: await signToken('statement', signed, signer),
    keyset: await signToken('keyset', keyset, root),
  };
  return [...parts, JSON.stringify(seal)];
}

/** Chunks of seven letters: no line comes whole. */
async function* chunksOf(text: string): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += 7) yield text.slice(at, at + 7);
}
const verified = (file: readonly string[], each?: Parameters<typeof verifyStatement>[3]) => {
  return verifyStatement(chunksOf(file.join('\n')), [root.jwk], { ed25519, sha256 }, each);
};

describe('a statement', () => {
  test('is verified line by line; a machine that stands in two parts counts once', async () => {
    const seen: StatementRecord[] = [];
    const claims = await verified([...lines, ''], (records) => seen.push(...records));
    expect(seen).toEqual(PARTS.flat());
    expect(claims).toMatchObject({ parts: 3, totals: { machines: 3, jobs: 15, bytes: 150 } });
    expect(STATEMENT_COLUMNS).toHaveLength(statementCells(claims, seen[0]!).length);
  });

  test.each<[string, (file: string[]) => string[], string]>([
    [
      'a record that was edited',
      ([a = '', ...rest]) => [a.replace('"jobs":1,', '"jobs":3,'), ...rest],
      'TOKEN_SIGNATURE',
    ],
    ['a part that was taken out', ([, ...rest]) => rest, 'TOKEN_SIGNATURE'],
    ['a part that stands twice', ([a = '', ...rest]) => [a, a, ...rest], 'TOKEN_SIGNATURE'],
    ['parts in another order', ([a = '', b = '', ...rest]) => [b, a, ...rest], 'TOKEN_SIGNATURE'],
    ['one that breaks off', (file) => file.slice(0, -1), 'TOKEN_MALFORMED'],
    ['nothing at all', () => [], 'TOKEN_MALFORMED'],
    ['one that goes on after its seal', (file) => [...file, file[0]!], 'TOKEN_MALFORMED'],
    ['a line of something else', (file) => ['{"records":[]}', ...file], 'TOKEN_MALFORMED'],
    ['a seal that was edited', (file) => [...file.slice(0, -1), file.at(-1)!.replace('.', '.e')], 'TOKEN_MALFORMED'],
  ])('%s is refused', async (_what, change, code) => {
    await expect(verified(change([...lines]))).rejects.toMatchObject({ code });
  });

  test('totals that are not the sums are refused, whoever signed them', async () => {
    await expect(verified(await fileOf({ jobs: 16 }))).rejects.toMatchObject({ code: 'TOKEN_CLAIMS' });
  });
});

test('a line without an end is refused before it fills the memory', async () => {
  let read = 0;
  const endless = (async function* chunks() {
    for (;;) {
      read += 100_000;
      yield 'x'.repeat(100_000);
    }
  })();
  await expect(linesOf(endless).next()).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  expect(read).toBeLessThanOrEqual(1_100_000);
});
