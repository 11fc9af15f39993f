import type { Message } from '@leasehold/protocol';
import { machineWithin, type Scope } from '../companies/reach.js';
import type { Reader } from '../store/index.js';
import { MOST_RUNS } from './count.js';

const MOST = 5000;

/** Usage of a month by instance and kind, the largest first. */
export async function listUsage(
  reader: Reader,
  ask: { readonly account: string; readonly scope: Scope; readonly month: string },
): Promise<Message<'UsageReply'>> {
  const { account, month } = ask;
  const own = machineWithin('instance_id', ask);
  const rows = await reader.all<{ instance_id: string; kind: string; runs: number; bytes: number }>(
    `SELECT instance_id, kind, sum(runs * 1.0) AS runs, sum(bytes * 1.0) AS bytes FROM usage_totals
       WHERE account = ? AND day >= ? AND day <= ? AND ${own.sql}
       GROUP BY instance_id, kind ORDER BY 4 DESC, instance_id LIMIT ?`,
    [account, `${month}-01`, `${month}-31`, ...own.params, MOST],
  );
  return {
    rows: rows.map(({ instance_id: instance, kind, runs, bytes }) => ({
      instance,
      machine: instance,
      month,
      kind,
      jobs: Math.min(runs, MOST_RUNS),
      bytes,
    })),
  };
}
