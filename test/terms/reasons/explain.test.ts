import { readdirSync, readFileSync } from 'node:fs';
import {
  catalogs,
  causesOf,
  citations,
  decide,
  en,
  explain,
  ja,
  readCase,
  reasonsOf,
  type Catalog,
} from '@leasehold/terms';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../support/terms-rows.js';

const folder = new URL('../../cases/', import.meta.url);
const decided = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { id: string }[])
  .map((one) => {
    const { facts, request } = readCase(one);
    return { id: one.id, facts, decision: decide(facts, request) };
  });

const languages = [en, ja];
/** Every warning and code that a row of a catalog can give, with the id of the row. */
const codes = Object.values(catalogs)
  .flatMap(rowsOf)
  .flatMap((row) =>
    Object.entries(row)
      .filter(([key]) => key === 'code' || key === 'warning')
      .map(([key, code]) => {
        // The year of a technician does not stop a restore: that answer names the rule of restores.
        const rule = key === 'warning' && 'restoreRule' in row ? row.restoreRule : row.id;
        return `${rule} ${key === 'code' ? 'refuse' : 'warn'} ${String(code)}`;
      }),
  );

describe.each(languages)('the texts in $language', (texts) => {
  const rows = reasonsOf(texts);

  test('there are decisions to explain', () => {
    expect(decided.length).toBeGreaterThan(500);
  });

  test('every decision of every case has a sentence, a source and, where it is no plain allow, a way out', () => {
    for (const { id, facts, decision } of decided) {
      const told = explain(decision, texts, { facts });
      const words = [told.sentence, told.cure, ...told.missing.map(({ text }) => text), ...told.obligations].join('\n');
      expect(told.sentence, id).not.toBe(texts.verdicts[decision.decision][0]);
      expect(words, id).not.toMatch(/[{}…]|undefined|NaN/);
      expect(told.missing.map(({ text }) => text).join(), id).not.toMatch(/\bany\b/);
      expect(told.citation?.title, id).toBeTruthy();
      expect(told.missing.length, id).toBe(decision.needs?.length ?? 0);
      if (decision.decision === 'allow') continue;
      expect(told.cure, id).not.toBe('');
      if (decision.code !== 'IRREVERSIBLE') expect(told.who.length, id).toBeGreaterThan(0);
    }
  });

  test('every code and warning of a catalog has a row of its own', () => {
    expect(codes.length).toBeGreaterThan(60);
    expect(codes.filter((cause) => !rows.has(cause))).toEqual([]);
  });

  test('no two causes are told by the same sentence', () => {
    const sentences = [...rows.values()].map(([sentence]) => sentence);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  test('what is not allowed plainly has a remedy, what is has none', () => {
    for (const [cause, [sentence, remedy]] of rows) {
      expect(sentence, cause).not.toBe('');
      expect(remedy !== '', cause).toBe(/ (warn|needs|refuse)\b/.test(cause));
    }
  });

  test('every rule of every catalog has a row', () => {
    const told = new Set([...rows.keys()].map((cause) => cause.split(' ')[0]));
    const ids = [...citations.keys(), ...Object.values(catalogs).flatMap((one) => rowsOf(one).map(({ id }) => id))];
    expect(ids.filter((id) => !told.has(id))).toEqual([]);
  });
});

test('both languages tell the same causes', () => {
  expect([...reasonsOf(ja).keys()]).toEqual([...reasonsOf(en).keys()]);
  for (const [cause, [sentence, remedy]] of reasonsOf(en)) {
    const places = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    const [satz, cure] = reasonsOf(ja).get(cause) ?? ['', ''];
    expect(places(satz + cure), cause).toEqual(places(sentence + remedy));
  }
});

test('a cause stands for one outcome: rule and code say which', () => {
  const verdicts = new Map<string, string>();
  for (const { decision } of decided.filter((one) => one.decision.decision !== 'warn')) {
    for (const cause of causesOf(decision)) {
      expect(verdicts.get(cause) ?? decision.decision, cause).toBe(decision.decision);
      verdicts.set(cause, decision.decision);
    }
  }
});

describe('an explanation', () => {
  const short = decide(
    {
      profile: 'aip',
      now: '2026-06-15T10:00:00Z',
      machines: [{ id: 'g1', kind: 'guest', os: 'linux', hostId: 'esx2' }],
      hosts: [{ id: 'esx2', kind: 'bare_metal', hypervisor: 'kvm' }],
      licenses: [],
    },
    { action: 'backup', machine: 'g1', mode: 'agent', scope: 'system_image', protects: 'local' },
  );

  test('says what is missing, who can cure it, and where the rule stands', () => {
    const told = explain(short, en, {});
    expect(told).toMatchObject({
      language: 'en',
      sentence: 'The hypervisor host of this machine has no license.',
      rule: 'AIP-6.2',
      citation: { section: '6', lines: '88' },
      cure: 'Put a Virtual license for host esx2 on it.',
      who: ['admin', 'partner'],
    });
    expect(told.missing[0]).toMatchObject({ edition: 'virtual', count: 1, bindTo: 'host:esx2' });
  });

  test('cites the rule, not the row that decided by it', () => {
    const own = (id: string): unknown => explain({ decision: 'allow', reason_rule: id }, en).citation;
    const title = 'ActiveImage Protector Use Case';
    expect(own('AIP-0.1')).toEqual({ title, section: '1, 5, 6', lines: '14, 84, 88' });
    expect(own('AIP-0.2')).toEqual({ title, section: '1, 4, 8, 9', lines: '22, 55, 102, 111' });
    expect(own('D-5')).toEqual({ title: 'Defaults', section: 'D-5' });
    expect(own('X-1')).toBeUndefined();
  });

  test('cites a vendor’s rule as its catalog does', () => {
    const catalog: Catalog = {
      ...catalogs.generic,
      sources: { terms: 'Northwind License Terms' },
      citations: { 'N-1': { source: 'terms', section: '4.2' }, 'D-5': { source: 'terms', section: '7', lines: '3' } },
    };
    const own = (id: string): unknown => explain({ decision: 'allow', reason_rule: id }, en, { catalog }).citation;
    expect(own('N-1')).toEqual({ title: 'Northwind License Terms', section: '4.2' });
    expect(own('D-5')).toEqual({ title: 'Northwind License Terms', section: '7', lines: '3' });
    expect(own('D-1')).toEqual({ title: 'Defaults', section: 'D-1' });
  });

  test('speaks Japanese', () => {
    expect(explain(short, ja).cure).toBe('ホストにホスト esx2 用の Virtual ライセンスを割り当ててください。');
  });

  test('names the company, the term and the number', () => {
    const needs = [{ edition: 'desktop|server', term: 'subscription', count: 2, bindTo: 'company:acme' }] as const;
    const facts = {
      profile: 'msp',
      now: '2026-06-15T10:00:00Z',
      companies: [{ id: 'acme', name: 'Acme Ltd' }],
    } as const;
    const decision = { decision: 'needs', reason_rule: 'MSP-4', needs } as const;
    expect(explain(decision, en, { facts }).missing[0]?.text).toBe(
      '2 subscription Desktop or Server licenses for company Acme Ltd',
    );
    expect(explain(decision, ja, { facts }).missing[0]?.text).toBe(
      '会社 Acme Ltd 用の Desktop または Server ライセンス（サブスクリプション） 2 本',
    );
  });

  test('names things as they are called, whatever signs the name holds', () => {
    const needs = [{ edition: 'server', term: 'any', count: 1, bindTo: "machine:$$-$&-$'" }] as const;
    expect(explain({ decision: 'needs', reason_rule: 'AIP-0.1', needs }, en).missing[0]?.text).toBe(
      "a Server license for machine $$-$&-$'",
    );
  });

  test('a license to the end of the calendar has no end that could be told', () => {
    const license = {
      id: 'l1',
      edition: 'server',
      term: 'subscription',
      boundTo: { type: 'machine', id: 'a' },
    } as const;
    const facts = {
      profile: 'aip',
      now: '2026-06-15T10:00:00Z',
      machines: [{ id: 'a', kind: 'physical', os: 'windows_server' }],
      licenses: [{ ...license, validUntil: '9999-12-31' }],
    } as const;
    expect(explain(decide(facts, { action: 'backup', machine: 'a' }), en)).not.toHaveProperty('runsUntil');
  });

  test('says how long things still run, and until when they are refused', () => {
    const facts = {
      profile: 'lmp',
      now: '2026-06-15T10:00:00Z',
      licenses: [
        {
          id: 'A',
          type: 'OEM',
          purchase: 'purchased',
          state: 'pooled',
          cals: { obm: 9 },
          freeUpgradeUntil: '2027-06-30',
          appliedTo: null,
          pooledAt: '2026-05-01T00:00:00Z',
        },
      ],
      pools: [{ id: 'P1', name: 'P1', type: 'OEM', quota: { obm: 9 } }],
      keys: [
        {
          id: 'K1',
          poolId: 'P1',
          licenseeName: 'K1',
          quota: { obm: 9 },
          createdAt: '2026-01-01T00:00:00Z',
          status: 'in_use',
          serverId: 'cbs1',
          lastCheckAt: '2026-06-10T08:01:00Z',
        },
      ],
      servers: [{ id: 'cbs1', version: '8', online: false, applied: { kind: 'pool_key', id: 'K1' } }],
    } as const;
    const offline = explain(decide(facts, { action: 'server.status', server: 'cbs1' }), en);
    expect(offline).toMatchObject({ runsUntil: '2026-06-24T08:01:00.000Z' });
    expect(offline.sentence).toBe('The server does not reach the license server; it runs on for 9 days.');
    const deletion = explain(decide(facts, { action: 'key.delete', key: 'K1' }), en);
    expect(deletion).toMatchObject({ until: '2026-06-24T08:01:00.000Z' });
    expect(deletion.runsUntil).toBeUndefined();
    const ending = explain(decide(facts, { action: 'key.stop_renewing', key: 'K1' }), en);
    expect(ending.sentence).toContain('until 2026-06-24 08:01 UTC;');
  });

  test('tells several warnings, each in its words, and the duties beside them', () => {
    const told = explain(
      {
        decision: 'warn',
        reason_rule: 'LMP-3.2',
        warnings: ['CREATE_POOL_KEY_WITHIN_14_DAYS', 'LOWERS_FREE_UPGRADE_UNTIL'],
        obligations: ['AUDIT'],
      },
      en,
    );
    expect(told.sentence).toContain('goes on for 14 days only. Every pool key of this type');
    expect(told.obligations).toEqual(['This is kept on record.']);
    expect(told.who).toEqual(['admin', 'partner']);
  });

  test('takes the words of a vendor’s catalog first, and plain words where nobody has any', () => {
    const own: Catalog = {
      ...catalogs.generic,
      messages: { en: { 'X-1 refuse NO_MONDAYS': ['Not on Mondays.', 'Come back on Tuesday.'] } },
    };
    const decision = { decision: 'refuse', reason_rule: 'X-1', code: 'NO_MONDAYS' } as const;
    expect(explain(decision, en, { catalog: own })).toMatchObject({
      sentence: 'Not on Mondays.',
      cure: 'Come back on Tuesday.',
    });
    expect(explain(decision, ja, { catalog: own }).sentence).toBe('許可されていません。');
    expect(explain(decision, en, { catalog: own }).citation).toBeUndefined();
  });
});
