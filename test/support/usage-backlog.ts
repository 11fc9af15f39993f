import { UsageOutbox } from '../../packages/sdk/src/usage/usage-outbox.js';

/** A process of its own that reports so often without an authority, ends its outbox, opens it again and drains it.
 * Tells how much it counted and how much memory it needed at most. Arguments: the folder, how many reports. */
const [folder = '', reports = ''] = process.argv.slice(2);
let most = 0;
const look = (): void => {
  most = Math.max(most, process.memoryUsage().heapUsed);
};
const open = async (): Promise<UsageOutbox> => {
  const outbox = new UsageOutbox({ folder, now: () => Date.UTC(2026, 5, 15) });
  await outbox.open();
  return outbox;
};

const before = await open();
const states = new Set<string>();
for (let n = 0; n < Number(reports); n += 1) {
  before.record({ kind: 'backup', bytes: 1 });
  if (n % 5000 !== 0) continue;
  await before.flush();
  states.add(before.health().state);
  look();
}
const { waiting, bytes } = before.health();
await before.close();

const outbox = await open();
let [counted, batches] = [0, 0];
for (let batch = outbox.batch(); batch !== undefined; batch = outbox.batch()) {
  counted += batch.records.reduce((sum, { count }) => sum + count, 0);
  batches += 1;
  await outbox.seen({ epoch: batch.epoch, n: batch.records.at(-1)?.n ?? 0 });
  look();
}
const left = outbox.health();
await outbox.close();
process.send?.({ waiting, bytes, states: [...states], counted, batches, left: left.waiting, most });
process.disconnect();
