import type { UsageOutbox } from '../../packages/sdk/src/usage/usage-outbox.js';

/** Counts as the authority does: each epoch up to its highest number, once. */
export class Counting {
  readonly seen = new Map<string, number>();
  readonly totals = new Map<string, { count: number; bytes: number }>();
  batches = 0;

  take({ epoch, records }: NonNullable<ReturnType<UsageOutbox['batch']>>): { epoch: string; n: number } {
    this.batches += 1;
    const last = this.seen.get(epoch) ?? 0;
    for (const { n, at, kind, count, bytes } of records) {
      if (n <= last) continue;
      const key = `${at.slice(0, 10)} ${kind}`;
      const sum = this.totals.get(key) ?? { count: 0, bytes: 0 };
      this.totals.set(key, { count: sum.count + count, bytes: sum.bytes + bytes });
      this.seen.set(epoch, Math.max(n, this.seen.get(epoch) ?? 0));
    }
    return { epoch, n: this.seen.get(epoch) ?? 0 };
  }
  get count(): number {
    return [...this.totals.values()].reduce((sum, { count }) => sum + count, 0);
  }
}

export async function drain(outbox: UsageOutbox, authority: Counting): Promise<void> {
  for (let batch = outbox.batch(); batch !== undefined; batch = outbox.batch())
    await outbox.seen(authority.take(batch));
}
