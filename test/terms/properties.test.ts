import { readdirSync, readFileSync } from 'node:fs';
import {
  catalogs,
  compile,
  decide,
  foresee,
  readCase,
  TermsError,
  type Decision,
  type Facts,
  type Request,
} from '@leasehold/terms';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { facts, license, request } from '../support/terms-arbitrary.js';
import { assertProperty, TIMEOUT } from '../support/terms-properties.js';
import { rowsOf } from '../support/terms-rows.js';

interface Scenario {
  readonly given: Facts;
  readonly when: Request;
}

const folder = new URL('../cases/', import.meta.url);
const scenarios = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as readonly Scenario[]);

/** A question that reads; undefined when the request does not fit the facts. */
function read(given: Facts, when: Request): { facts: Facts; request: Request } | undefined {
  try {
    return readCase({ given, when });
  } catch (error) {
    expect(error).toBeInstanceOf(TermsError);
    return undefined;
  }
}

/** What the order of facts must not change. */
function meaning({ needs, ...rest }: Decision): unknown {
  return { ...rest, needs: needs?.map((need) => JSON.stringify(need)).toSorted() };
}

function check<Values>(name: string, property: fc.IRawProperty<Values, false>): void {
  test(`property: ${name}`, { timeout: TIMEOUT }, (context) => assertProperty(context, property));
}

const allowed = (decision: Decision): boolean => decision.decision === 'allow' || decision.decision === 'warn';

describe('typed questions', () => {
  const rules = new Set(rowsOf(catalogs.aip).map((row) => row.id));

  check(
    'always have an answer that names a rule of the catalog',
    fc.property(facts, request, (given, when) => {
      const question = read(given, when);
      if (question === undefined) return;
      const answer = decide(question.facts, question.request);
      expect(rules).toContain(answer.reason_rule);
      expect(['allow', 'warn', 'needs', 'refuse']).toContain(answer.decision);
      if (answer.decision === 'needs') expect(answer.needs?.length).toBeGreaterThan(0);
      if (answer.decision === 'refuse') expect(answer.code).toBeTruthy();
      if (answer.decision === 'warn') expect(answer.warnings?.length).toBeGreaterThan(0);
    }),
  );

  check(
    'do not depend on the order of facts',
    fc.property(facts, request, fc.infiniteStream(fc.nat()), (given, when, numbers) => {
      const question = read(given, when);
      if (question === undefined) return;
      const shuffled = <Entry>(list: readonly Entry[] | undefined): Entry[] =>
        (list ?? [])
          .map((entry) => ({ entry, at: Number(numbers.next().value) }))
          .toSorted((one, other) => one.at - other.at)
          .map(({ entry }) => entry);
      const other: Facts = {
        ...given,
        machines: shuffled(given.machines),
        hosts: shuffled(given.hosts),
        clusters: shuffled(given.clusters),
        licenses: shuffled(given.licenses),
      };
      expect(meaning(decide(other, when))).toEqual(meaning(decide(given, when)));
    }),
  );

  check(
    'are never refused for a license more',
    fc.property(facts, request, license('more'), (given, when, more) => {
      const question = read(given, when);
      if (question === undefined) return;
      const before = decide(given, when);
      const after = decide({ ...given, licenses: [...(given.licenses ?? []), more] }, when);
      if (!allowed(before) || after.decision !== 'refuse') return;
      // The rules that say so: shares ask for cover first. What shortage grace let pass, and a node of a group that gets an
      // edition of its own, then meet the question of what may be done with a share.
      expect(['AIP-1.4', 'AIP-1.5']).toContain(after.reason_rule);
    }),
  );
});

describe('the instant at which an answer turns', () => {
  /** All of an answer but the days that are left. */
  const said = ({ value: _days, until: _end, ...answer }: Decision) => answer;

  check(
    'comes before no other answer',
    fc.property(facts, request, fc.double({ min: 0, max: 1, noNaN: true }), (given, when, part) => {
      if (read(given, when) === undefined) return;
      const now = Date.parse(given.now);
      const { decision, turn } = foresee(given, when);
      expect(decision).toEqual(decide(given, when));
      const last = Math.min(turn - 1, now + 400 * 86_400_000);
      for (const at of [Math.floor(now + part * (last - now)), last])
        expect(said(decide({ ...given, now: new Date(at).toISOString() }, when))).toEqual(said(decision));
    }),
  );

  test('is no day less of those that are left, but the end', () => {
    const held = {
      edition: 'server',
      term: 'subscription',
      quantity: 1,
      boundTo: { type: 'machine', id: 'm' },
    } as const;
    const given = {
      profile: 'aip',
      machines: [{ id: 'm', kind: 'physical', os: 'windows_server' }],
      licenses: [{ ...held, id: 'l', validUntil: '2026-06-30', state: 'valid' }],
      now: '2026-06-15T10:00:00Z',
    } as unknown as Facts;
    const when = { action: 'backup', machine: 'm', mode: 'agent', scope: 'system_image', protects: 'local' };
    const turns = [];
    for (let now = given.now; ;) {
      const { decision, turn } = foresee({ ...given, now }, when);
      turns.push([decision.warnings?.[0] ?? decision.decision, turn]);
      if (!Number.isFinite(turn)) break;
      now = new Date(turn).toISOString();
    }
    const ends = Date.parse('2026-07-01T00:00:00Z');
    expect(turns).toEqual([
      ['EXPIRES_SOON', ends],
      ['IN_GRACE', ends + 30 * 86_400_000],
      ['needs', Number.POSITIVE_INFINITY],
    ]);
  });
});

describe('a bound handle', () => {
  /** Times around the horizon that the handle names, and where it says nothing. */
  function agrees(given: Facts, when: Request, jumps: readonly number[]): void {
    const handle = compile(given).bind(when);
    const same = (at: number): void => {
      expect(handle.decide(at)).toEqual(decide({ ...given, now: new Date(at).toISOString() }, when));
    };
    let at = Date.parse(given.now);
    for (const jump of jumps) {
      same(at);
      const { horizon } = handle;
      if (horizon < Date.parse('2100-01-01')) for (const side of [-1, 0, 1]) same(horizon + side);
      at = jump < 0 || horizon > Date.parse('2100-01-01') ? at + jump : horizon + jump;
    }
  }
  const jumps = fc.array(fc.integer({ min: -40 * 86_400_000, max: 40 * 86_400_000 }), { minLength: 2, maxLength: 6 });

  check(
    'agrees with decide, also at each horizon',
    fc.property(facts, request, jumps, (given, when, list) => {
      if (read(given, when) !== undefined) agrees(given, when, list);
    }),
  );

  check(
    'agrees on every case of every profile',
    fc.property(fc.constantFrom(...scenarios), jumps, ({ given, when }, list) => {
      if (read(given, when) !== undefined) agrees(given, when, list);
    }),
  );

  check(
    'agrees while single licenses come and go',
    fc.property(facts, request, fc.array(license('l1'), { maxLength: 4 }), (given, when, changes) => {
      if (read(given, when) === undefined || when['license'] !== undefined) return;
      const table = compile(given);
      const handle = table.bind(when);
      const now = Date.parse(given.now);
      handle.decide(now);
      for (const change of changes) {
        table.putLicense(change);
        const licenses = [...(given.licenses ?? []).filter((one) => one.id !== 'l1'), change];
        expect(meaning(handle.decide(now))).toEqual(meaning(decide({ ...given, licenses }, when)));
      }
      table.removeLicense('l1');
      const left = (given.licenses ?? []).filter((one) => one.id !== 'l1');
      expect(meaning(handle.decide(now))).toEqual(meaning(decide({ ...given, licenses: left }, when)));
    }),
  );
});

describe('a restore', () => {
  check(
    'is never refused, whatever has ended, lapsed or is short',
    fc.property(facts, request, (given, when) => {
      const machine = (when['machine'] as string | undefined) ?? 'm1';
      const answer = decide(given, { action: 'restore', machine });
      expect(answer).toMatchObject({ reason_rule: 'D-1' });
      expect(allowed(answer)).toBe(true);
    }),
  );

  check(
    'by a stamped medium that fits is open to every machine that has or had a license',
    fc.property(facts, fc.constantFrom('system_recovery', 'file_recovery'), (given, purpose) => {
      const bound = given.licenses?.find(
        (one) => 'boundTo' in one && one.boundTo?.type === 'machine' && (one.startsAt ?? '') <= given.now,
      );
      const id = bound !== undefined && 'boundTo' in bound ? bound.boundTo?.id : undefined;
      const machine = given.machines?.find((one) => one.id === id);
      if (machine === undefined || machine.kind === 'guest' || machine.os === 'macos' || machine.os === 'linux') return;
      const media = [
        { id: 'b1', base: 'winpe', stamp: given.media?.[0]?.stamp === 'expired' ? 'expired' : 'valid' },
      ] as const;
      const answer = decide({ ...given, media }, { action: 'be_media.use', media: 'b1', machine: machine.id, purpose });
      expect(allowed(answer)).toBe(true);
    }),
  );
});

describe('untyped questions', () => {
  const junk = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      undefined,
      Number.NaN,
      -1,
      0,
      1.5,
      '',
      'x',
      [],
      {},
      true,
      '2026-02-30',
      '__proto__',
      1e9,
    ),
    fc.jsonValue(),
  );

  /** Every place of a value, as a path. */
  function places(value: unknown, path: readonly string[] = []): string[][] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, part]) => [[...path, key], ...places(part, [...path, key])]);
  }

  function damaged(value: unknown, path: readonly string[], by: unknown): unknown {
    const copy = structuredClone(value) as Record<string, unknown>;
    let at = copy;
    for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
    const last = path.at(-1) ?? '';
    if (by === undefined) delete at[last];
    else at[last] = by;
    return copy;
  }

  /** A decision, or a typed error that names a place and says what to do. */
  function answered(input: unknown): void {
    try {
      const question = readCase(input);
      expect(decide(question.facts, question.request).reason_rule).toBeTruthy();
    } catch (error) {
      if (!(error instanceof TermsError)) throw error;
      expect(error.code).toMatch(/^(INPUT_INVALID|FACTS_INVALID|UNKNOWN_ID|UNKNOWN_ACTION|DUPLICATE_ID)$/);
      expect(error.message.length).toBeGreaterThan(5);
    }
  }

  check(
    'of any kind are answered with a typed error',
    fc.property(fc.jsonValue(), (input) => {
      expect(() => readCase(input)).toThrow(TermsError);
    }),
  );

  check(
    'made of a case by damaging one place never fail otherwise',
    fc.property(fc.constantFrom(...scenarios), fc.nat(), junk, ({ given, when }, at, by) => {
      const input = { given, when };
      const all = places(input);
      answered(damaged(input, all[at % all.length] ?? [], by));
    }),
  );
});
