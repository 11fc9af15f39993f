import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { typed } from './typed.js';

const PUBLIC_CASES = join(import.meta.dirname, '../cases/scenarios.json');
const scenarios = JSON.parse(readFileSync(PUBLIC_CASES, 'utf8')) as {
  id: string;
  given: object;
  when: object;
  then: Record<string, unknown>;
}[];

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'leasehold-cases-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: unknown): string => {
  const path = join(folder, 'cases.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};
const answers = (out: string): Record<string, unknown>[] =>
  out.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);

describe.each(['decide', 'advise'])('leasehold %s FILE', (verb) => {
  it('answers every public case in order, each with an explanation', async () => {
    const { status, out } = await typed(verb, PUBLIC_CASES);
    expect(status).toBe(0);
    const lines = answers(out);
    expect(lines.map((line) => line['id'])).toEqual(scenarios.map((each) => each.id));
    for (const [i, line] of lines.entries()) {
      expect(line).toMatchObject({
        decision: scenarios[i]!.then['decision'],
        reason_rule: scenarios[i]!.then['reason_rule'],
      });
      expect(line['explain']).toBeTruthy();
    }
  });

  it('names what is wrong with a malformed case and still answers the others', async () => {
    const good = scenarios[0]!;
    const bad = { id: 'bad', given: { ...good.given, now: 'yesterday' }, when: good.when };
    const { status, out } = await typed(verb, file([bad, good, 7, { id: 'empty' }]));
    expect(status).toBe(2);
    const [first, second, third, fourth] = answers(out);
    expect(first).toEqual({
      id: 'bad',
      error: { code: 'FACTS_INVALID', path: 'given.now', message: expect.any(String) },
    });
    expect(second).toMatchObject({ id: good.id, decision: good.then['decision'] });
    expect(third).toMatchObject({ id: null, error: { code: 'INPUT_INVALID' } });
    expect(fourth).toMatchObject({ id: 'empty', error: { path: 'given' } });
  });

  it.each([
    ['[{"id": 1,', 'is no JSON'],
    ['{"id": 1}', 'holds no JSON array'],
  ])('refuses a file that holds %s', async (content, message) => {
    const { status, out, err } = await typed(verb, file(content));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(message);
  });

  it('refuses a file that is not there', async () => {
    const { status, err } = await typed(verb, join(folder, 'gone.json'));
    expect(status).toBe(2);
    expect(err).toContain('INPUT_INVALID');
    expect(err).toContain('is not there');
  });

  it('reads a file with the mark and the line ends that Windows editors write', async () => {
    const { status, out } = await typed(
      verb,
      file(`\uFEFF${JSON.stringify([scenarios[0]], null, 2)}`.replaceAll('\n', '\r\n')),
    );
    expect(status).toBe(0);
    expect(answers(out)).toMatchObject([{ id: scenarios[0]!.id, decision: scenarios[0]!.then['decision'] }]);
  });

  it('answers an empty list with nothing', async () => {
    expect(await typed(verb, file([]))).toEqual({ status: 0, out: '', err: '' });
  });
});

describe('leasehold advise FILE', () => {
  it('adds an ordered plan with a rule to each step, and nothing to do where it is allowed already', async () => {
    const { out } = await typed('advise', PUBLIC_CASES);
    const plans = answers(out) as {
      decision: string;
      plan: { rule?: string }[];
      possible: boolean;
      after: { decision: string };
    }[];
    for (const { decision, plan, possible, after } of plans) {
      if (decision === 'allow') expect(plan).toEqual([]);
      if (possible) expect(['allow', 'warn']).toContain(after.decision);
      for (const step of plan) expect(step.rule).toMatch(/^[A-Z]+-/);
    }
    expect(plans.filter(({ decision, possible }) => decision === 'needs' && possible).length).toBeGreaterThan(30);
  });
});
