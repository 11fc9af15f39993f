import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../../packages/authority/src/store/index.js';
import { hasSerialOrder, seeded, type Operation } from '../../support/history.js';
import { registry, seatModel, type SeatOperation } from '../../support/seat-history.js';
import { engines } from '../../support/store-engines.js';

const LONG = process.env['LONG'] === '1';
const RUNS = LONG ? 10_000 : 200;
const INSTANCES = ['a', 'b', 'c', 'd'];

type SeatStore = Store<typeof registry>;

function randomOperation(random: () => number): SeatOperation {
  const instance = INSTANCES[Math.floor(random() * INSTANCES.length)]!;
  const roll = random();
  if (roll < 0.45) return { kind: 'claim', instance, now: Math.floor(random() * 100) };
  if (roll < 0.6) return { kind: 'release', instance };
  if (roll < 0.7) return { kind: 'setQuota', quota: Math.floor(random() * 4) };
  if (roll < 0.78) return { kind: 'setEnd', endsAt: Math.floor(random() * 150) };
  if (roll < 0.84) return { kind: 'create', quota: 2 };
  if (roll < 0.9) return { kind: 'delete' };
  return { kind: 'look' };
}

/** One run: `lanes` clients at once, a few operations each, on a fresh license with two seats. */
async function run(
  nodes: readonly SeatStore[],
  license: string,
  random: () => number,
  perform: typeof performGuarded,
): Promise<Operation<SeatOperation>[]> {
  const history: Operation<SeatOperation>[] = [];
  let clock = 0;
  const first: SeatOperation = { kind: 'create', quota: 2 };
  await perform(nodes[0]!, license, first);
  history.push({ input: first, asked: clock++, answered: clock++, outcome: 'done' });
  const lanes = Array.from({ length: 5 }, (_, lane) => ({
    node: nodes[lane % nodes.length]!,
    operations: Array.from({ length: 2 }, () => ({ input: randomOperation(random), lost: random() < 0.05 })),
  }));
  await Promise.all(
    lanes.map(async ({ node, operations }) => {
      for (const { input, lost } of operations) {
        const asked = clock++;
        const outcome = await perform(node, license, input);
        history.push({ input, asked, answered: clock++, outcome: lost ? undefined : outcome });
      }
    }),
  );
  const last: SeatOperation = { kind: 'look' };
  const outcome = await perform(nodes.at(-1)!, license, last);
  history.push({ input: last, asked: clock++, answered: clock++, outcome });
  return history;
}

async function performGuarded(store: SeatStore, license: string, operation: SeatOperation): Promise<string> {
  if (operation.kind === 'look') return store.read('look', { account: 'a', license });
  try {
    return (await store.execute('act', { account: 'a', license, operation }, 0)).outcome;
  } catch (thrown) {
    // What the command threw by itself reaches us as the store's INTERNAL, with its own words as the cause.
    if (String((thrown as { details: { cause: unknown } }).details.cause).startsWith('Error')) return 'refused';
    throw thrown;
  }
}

/** The control: a claim that counts first and takes afterwards. */
async function performByCount(store: SeatStore, license: string, operation: SeatOperation): Promise<string> {
  if (operation.kind !== 'claim') return performGuarded(store, license, operation);
  const [used, quota, seats] = JSON.parse(await store.read('look', { account: 'a', license })) as [
    number | null,
    number | null,
    string[],
  ];
  if (seats.includes(operation.instance)) return 'again';
  if (used === null || used >= quota!) return 'refused';
  await store
    .execute('takeUnguarded', { account: 'a', license, instance: operation.instance }, 0)
    .catch(() => undefined);
  return 'done';
}

describe.each(engines)('randomized runs on $name', (engine) => {
  let nodes: SeatStore[];
  beforeAll(async () => {
    const url = await engine.url();
    nodes = [await openStore(url, registry)];
    if (engine.name === 'postgres') nodes.push(await openStore(url, registry), await openStore(url, registry));
    await nodes[0]!.execute('createAccount', { account: 'a' }, 0);
  });
  afterAll(() => Promise.all((nodes ?? []).map((node) => node.close())));

  test(`${RUNS} runs show no state that no serial order could give`, { timeout: 3_600_000 }, async () => {
    const seed = Date.now();
    for (let index = 0; index < RUNS; index += 1) {
      const history = await run(nodes, `l${seed}-${index}`, seeded(seed + index), performGuarded);
      const explained = hasSerialOrder(history, seatModel, { license: null, seats: [] });
      expect(explained, `seed ${seed + index}: ${JSON.stringify(history)}`).toBe(true);
    }
    expect(await nodes[0]!.read('verifyWhole', { account: 'a' })).toMatchObject({ ok: true, done: true });
  });

  test('the control, which counts first, is caught', { timeout: 600_000 }, async () => {
    let caught = 0;
    for (let index = 0; index < 200 && caught < 3; index += 1) {
      const history = await run(nodes, `c${index}`, seeded(index), performByCount);
      if (!hasSerialOrder(history, seatModel, { license: null, seats: [] })) caught += 1;
    }
    expect(caught).toBe(3);
  });
});

test('the checker knows a history that has a serial order from one that has not', () => {
  const at = (asked: number, answered: number, input: SeatOperation, outcome: string) => ({
    input,
    asked,
    answered,
    outcome,
  });
  const claim = (instance: string): SeatOperation => ({ kind: 'claim', instance, now: 0 });
  const create = at(0, 1, { kind: 'create', quota: 1 }, 'done');
  const initial = { license: null, seats: [] };
  const overlapping = [create, at(2, 5, claim('a'), 'refused'), at(3, 4, claim('b'), 'done')];
  expect(hasSerialOrder(overlapping, seatModel, initial)).toBe(true);
  const oneAfterTheOther = [create, at(2, 3, claim('a'), 'refused'), at(4, 5, claim('b'), 'done')];
  expect(hasSerialOrder(oneAfterTheOther, seatModel, initial)).toBe(false);
  const twice = [create, at(2, 5, claim('a'), 'done'), at(3, 4, claim('b'), 'done')];
  expect(hasSerialOrder(twice, seatModel, initial)).toBe(false);
});
