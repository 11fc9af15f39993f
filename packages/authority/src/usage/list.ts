import type { Message } from '@leasehold/protocol';
import type { Reader } from '../store/index.js';

const MOST = 5000;

/** Usage of a month by instance and kind, the largest first. */
export async function listUsage(
  reader: Reader,
  { account, month }: { readonly account: string; readonly month: string },
): Promise<Message<'UsageReply'>> {
  const rows = await reader.all<{ instance_id: string; kind: string; runs: number; bytes: number }>(
    `SELECT instance_id, kind, sum(runs) AS runs, sum(bytes) AS bytes FROM usage_totals
       WHERE account = ? AND day >= ? AND day <= ? GROUP BY instance_id, kind ORDER BY sum(bytes) DESC, instance_id LIMIT ?`,
    [account, `${month}-01`, `${month}-31`, MOST],
  );
  return {
    rows: rows.map(({ instance_id: instance, kind, runs, bytes }) => ({
      instance,
      machine: instance,
      month,
      kind,
      jobs: runs,
      bytes,
    })),
  };
}
