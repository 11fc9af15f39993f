import { UsageOutbox } from '../../packages/sdk/src/usage/usage-outbox.js';
import { tell } from './tell.js';

/** An agent that reports usage and sends it, until it is killed. It tells each report on its output once it was taken,
 * and hands each batch to its parent, which counts as the authority does and acknowledges. Arguments: the folder, the
 * bound in bytes. */
const [folder = '', maxBytes = ''] = process.argv.slice(2);
const outbox = new UsageOutbox({ folder, now: () => Date.now(), maxBytes: Number(maxBytes) });
await outbox.open();

const acknowledged = (batch: object): Promise<{ epoch: string; n: number }> =>
  new Promise((resolve) => {
    process.once('message', resolve as (mark: unknown) => void);
    process.send?.(batch);
  });

for (let n = 1; ; n += 1) {
  outbox.record({ kind: n % 3 === 0 ? 'restore' : 'backup', bytes: n });
  tell('.');
  if (n % 400 !== 0) continue;
  const batch = outbox.batch();
  if (batch !== undefined) await outbox.seen(await acknowledged(batch));
  if (n % 1200 === 0) await outbox.flush();
}
