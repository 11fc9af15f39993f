import { join } from 'node:path';
import { openLicense, type License, type MediaUse } from '@leasehold/sdk';
import { expect, test } from 'vitest';
import { askForCode } from '../../packages/cli/src/agent/one-time-code.js';
import { asPerson, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { cleanUp, machineNamed, temporaryFolder } from '../support/sdk-fixture.js';

/** A machine that was started from a stamped stick, without a network and without a license. */
async function booted(authority: Bench): Promise<{ license: License; use: MediaUse }> {
  const body = { media: 'night-stick', base: 'linux', licensee: 'Example Ltd', validDays: 30 } as const;
  const { passport } = (await asPerson(authority, 'mediaStamp', { body })).body;
  const { keyset } = (await asPerson(authority, 'keyset')).body;
  const testing = machineNamed('stranger');
  const stateDir = join(temporaryFolder(), 'ram');
  const license = await openLicense({
    product: PRODUCT,
    version: '12.1',
    roots: [authority.rootJwk],
    stateDir,
    testing,
  });
  cleanUp(() => license.close());
  return { license, use: { passport, keyset, purpose: 'system_recovery', os: 'linux' } };
}

async function started(): Promise<Bench> {
  const made = await startBench(Date.now() - 30_000);
  cleanUp(() => made.close());
  return made;
}

async function answerTo(authority: Bench, challenge: string): Promise<string> {
  const body = { challenge, note: 'rack 4' };
  return (await asPerson(authority, 'codeCreate', { params: { media: 'night-stick' }, body })).body.code!;
}

const shown = async ({ media }: License, { passport, keyset }: MediaUse): Promise<string> =>
  (await media.codes({ passport: passport!, keyset: keyset! }))!.challenge!;

/** What the technician reads while he types these lines. */
async function typing(license: License, use: MediaUse, language: 'en' | 'ja', typed: readonly string[]) {
  const told: string[] = [];
  const io = { out: () => undefined, err: (line: string) => void told.push(line) };
  const lines = (async function* () {
    yield* typed;
  })();
  const first = await license.media.use(use);
  const answer = await askForCode(license, use, first, { language, io, lines });
  return { answer, told };
}

test('a wrong code is told as that, in the language of the one who types, and may be typed again', async () => {
  const authority = await started();
  const { license, use } = await booted(authority);
  const challenge = await shown(license, use);
  const code = await answerTo(authority, challenge);
  const wrong = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;

  const refused = await license.media.use({ ...use, oneTimeCode: wrong });
  expect(refused).toMatchObject({ allowed: false, decision: 'needs', medium: { oneTimeCode: 'invalid' } });
  expect(refused.explain().sentence).toContain('not the one-time code');
  expect(refused.explain()).toMatchObject({ rule: 'AIP-9.1', who: ['technician', 'admin'] });
  expect(refused.explain('ja').sentence).toContain('ワンタイムコード');
  expect((await license.media.use(use)).explain().sentence).toContain('licensed machines');
  // No code opens a cold backup, so that there it is not the code that was wrong.
  const cold = await license.media.use({ ...use, purpose: 'cold_backup', oneTimeCode: wrong });
  expect(cold.explain().sentence).not.toContain('one-time code');

  const second = await typing(license, use, 'en', [wrong, `  ${code.toLowerCase().replace('-', ' ')}`]);
  expect(second.answer).toMatchObject({ allowed: true, reason_rule: 'F-10', medium: { oneTimeCode: 'valid' } });
  expect(second.told).toEqual([
    expect.stringContaining(`challenge ${challenge}`),
    'One-time code:',
    expect.stringContaining('not the one-time code'),
    'One-time code:',
  ]);
});

test('three wrong codes end it, as nothing typed does', async () => {
  const authority = await started();
  const { license, use } = await booted(authority);
  const { answer, told } = await typing(license, use, 'ja', ['', '日本', '00000-00000', '11111-11111']);
  expect(answer.allowed).toBe(false);
  expect(told.filter((line) => line === 'ワンタイムコード:')).toHaveLength(3);
  expect(answer.explain('ja').cure).toContain('チャレンジ');
  const silent = await typing(license, use, 'en', []);
  expect(silent.answer.explain().sentence).toContain('licensed machines');
});

test.each([
  ['en', 'firmware of this machine'],
  ['ja', 'ファームウェア情報'],
] as const)(
  'where there is no challenge, it says what is missing: the stamp, or the firmware (%s)',
  async (language, firmware) => {
    const authority = await started();
    const { license, use } = await booted(authority);
    const nameless = { media: { ...license.media, codes: async () => undefined } };
    const told = async (wish: MediaUse): Promise<string> => {
      const lines: string[] = [];
      const io = { out: () => undefined, err: (line: string) => void lines.push(line) };
      const typed = (async function* () {})();
      await askForCode(nameless, wish, await license.media.use(wish), { language, io, lines: typed });
      return lines.join();
    };
    expect(await told(use)).toContain(firmware);
    const forged = await told({ ...use, passport: `${use.passport!.slice(0, -4)}AAAA` });
    expect(forged).not.toContain(firmware);
    expect(forged).toContain(language === 'en' ? 'stamp' : 'スタンプ');
  },
);

test('a code given for one start fits no other', async () => {
  const authority = await started();
  const first = await booted(authority);
  const code = await answerTo(authority, await shown(first.license, first.use));
  const { license } = await booted(authority);
  const answer = await license.media.use({ ...first.use, oneTimeCode: code });
  // The medium picks one of 512 codes by a number of its own: nearly always another one.
  expect(answer.allowed).toBe((await answerTo(authority, await shown(license, first.use))) === code);
});
