import type { Message } from '@leasehold/protocol';
import { hyperAgentAllowance, type Facts, type License, type Machine } from '@leasehold/terms';
import { accountOf } from '../accounts/account.js';
import { licensesOn } from '../licenses/machine-license.js';
import { readOnce, type Reader, type Tx } from '../store/index.js';
import { insertAll } from '../store/many.js';
import { knownAs } from './matching.js';

type Reported = NonNullable<Message<'InventoryReport'>['hyperAgents']>;

/** Takes in which machines run a HyperAgent and which hosts each reaches: the whole of them, so that one that is gone is
 * known to be gone. Answers the machines that it is told of, before and now. */
export async function takeHyperAgents(
  tx: Tx,
  account: string,
  actor: string,
  agents: Reported,
  now: number,
): Promise<string[]> {
  const before = await tx.all<{ machine_id: string }>('SELECT machine_id FROM hyper_agents WHERE account = ?', [
    account,
  ]);
  const reported = new Map(agents.map((agent) => [agent.machine, agent]));
  await tx.run(
    `INSERT INTO hyper_agent_reports (account, reported_at, reported_by) VALUES (?, ?, ?)
       ON CONFLICT (account) DO UPDATE SET reported_at = excluded.reported_at, reported_by = excluded.reported_by`,
    [account, now, actor],
  );
  const ids = await knownAs(tx, account, [...new Set(agents.flatMap(({ hosts }) => hosts))].sort());
  await tx.run('DELETE FROM hyper_agent_hosts WHERE account = ?', [account]);
  for (const { machine_id: machine } of before) {
    if (reported.has(machine)) continue;
    await tx.run('DELETE FROM hyper_agents WHERE account = ? AND machine_id = ?', [account, machine]);
  }
  for (const { machine, hosts, agentlessInUse } of reported.values()) {
    await tx.run(
      `INSERT INTO hyper_agents (account, machine_id, in_use, since_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (account, machine_id) DO UPDATE SET in_use = excluded.in_use`,
      [account, machine, agentlessInUse ? 1 : 0, now],
    );
    await insertAll(
      tx,
      'INSERT INTO hyper_agent_hosts (account, host_id, machine_id) VALUES *',
      [...new Set(hosts.map((host) => ids.get(host) ?? host))].map((host) => [account, host, machine]),
    );
  }
  return [...new Set([...before.map((row) => row.machine_id), ...reported.keys()])];
}

/** Takes in that one machine runs a HyperAgent and which hosts it reaches, as it says itself. Answers whether that is new. */
export async function takeHyperAgent(
  tx: Tx,
  { account, machine, hosts, inUse }: { account: string; machine: string; hosts: readonly string[]; inUse: boolean },
  now: number,
): Promise<boolean> {
  const agent = await tx.get<{ in_use: number }>(
    'SELECT in_use FROM hyper_agents WHERE account = ? AND machine_id = ?',
    [account, machine],
  );
  const rows = await tx.all<{ host_id: string }>(
    'SELECT host_id FROM hyper_agent_hosts WHERE account = ? AND machine_id = ? ORDER BY host_id',
    [account, machine],
  );
  const before = new Set(rows.map((row) => row.host_id));
  const same = before.size === hosts.length && hosts.every((host) => before.has(host));
  if (same && agent?.in_use === (inUse ? 1 : 0)) return false;
  await tx.run(
    `INSERT INTO hyper_agent_reports (account, reported_at, reported_by) VALUES (?, ?, ?)
       ON CONFLICT (account) DO UPDATE SET reported_at = excluded.reported_at, reported_by = excluded.reported_by`,
    [account, now, `instance:${machine}`],
  );
  await tx.run(
    `INSERT INTO hyper_agents (account, machine_id, in_use, since_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (account, machine_id) DO UPDATE SET in_use = excluded.in_use`,
    [account, machine, inUse ? 1 : 0, now],
  );
  await tx.run('DELETE FROM hyper_agent_hosts WHERE account = ? AND machine_id = ?', [account, machine]);
  await insertAll(
    tx,
    'INSERT INTO hyper_agent_hosts (account, host_id, machine_id) VALUES *',
    hosts.map((host) => [account, host, machine]),
  );
  return true;
}

/** A machine that is out of service runs none: it would keep a place in the allowance for good (AIP-7.3). */
export async function dropHyperAgent(tx: Tx, account: string, machine: string): Promise<void> {
  await tx.run('DELETE FROM hyper_agents WHERE account = ? AND machine_id = ?', [account, machine]);
  await tx.run('DELETE FROM hyper_agent_hosts WHERE account = ? AND machine_id = ?', [account, machine]);
}

/** What the rules may know of HyperAgents around some hosts, and of the allowance where `machine` runs one (AIP-7.1 to 7.4,
 * F-2). One that reaches a host is enough to know: the others are not told. */
export interface HyperAgentFacts {
  readonly unknown: readonly string[];
  /** On the machine itself. */
  readonly own: Pick<Machine, 'hyperAgent'>;
  /** Others that reach these hosts, as bare machines. */
  readonly others: readonly Machine[];
  readonly usage: Pick<Facts, 'usage'>;
  /** Host licenses that count for the allowance. */
  readonly licenses: readonly License[];
}

/** HyperAgents and host licenses that are counted for an allowance at most. */
const COUNTED = 1000;

export async function hyperAgentFacts(
  reader: Reader,
  account: string,
  machine: string | null,
  hosts: readonly string[],
): Promise<HyperAgentFacts> {
  if (!(await isReported(reader, account)))
    return { unknown: ['hyper_agents'], own: {}, others: [], usage: {}, licenses: [] };
  const others = await othersThatReach(reader, account, machine, hosts);
  const known = { unknown: [], own: {}, others, usage: {}, licenses: [] };
  const own = await reader.get<{ in_use: number }>(
    'SELECT in_use FROM hyper_agents WHERE account = ? AND machine_id = ?',
    [account, machine ?? ''],
  );
  if (machine === null || own === undefined) return known;
  const reached = await reader.all<{ host_id: string }>(
    'SELECT host_id FROM hyper_agent_hosts WHERE account = ? AND machine_id = ? ORDER BY host_id LIMIT ?',
    [account, machine, COUNTED],
  );
  const users = await reader.all<{ machine_id: string }>(
    'SELECT machine_id FROM hyper_agents WHERE account = ? AND in_use = 1 ORDER BY since_at, machine_id LIMIT ?',
    [account, COUNTED],
  );
  const hyperAgentAllowanceUsedBy = users.map((row) => row.machine_id);
  return {
    ...known,
    own: { hyperAgent: { connectableHosts: reached.map((row) => row.host_id) } },
    usage: { usage: { agentlessInUse: own.in_use === 1, hyperAgentAllowanceUsedBy } },
    licenses: await hostLicenses(reader, account),
  };
}

function isReported(reader: Reader, account: string): Promise<boolean> {
  return readOnce(reader, `hyper agents ${account}`, async () => {
    const sql = 'SELECT reported_at FROM hyper_agent_reports WHERE account = ?';
    return (await reader.get(sql, [account])) !== undefined;
  });
}

/** One other machine for each of these hosts that reaches it, as a bare machine. */
export async function othersThatReach(
  reader: Reader,
  account: string,
  machine: string | null,
  hosts: readonly string[],
): Promise<Machine[]> {
  const found: Machine[] = [];
  for (const host of hosts) {
    const row = await reader.get<{ machine_id: string }>(
      'SELECT machine_id FROM hyper_agent_hosts WHERE account = ? AND host_id = ? AND machine_id <> ? ORDER BY machine_id LIMIT 1',
      [account, host, machine ?? ''],
    );
    if (row === undefined || found.some(({ id }) => id === row.machine_id)) continue;
    const reached = { hyperAgent: { connectableHosts: [host] } };
    found.push({ id: row.machine_id, kind: 'physical', os: 'unknown', ...reached });
  }
  return found;
}

async function hostLicenses(reader: Reader, account: string): Promise<License[]> {
  const rows = await reader.all<{ id: string }>('SELECT id FROM hosts WHERE account = ? ORDER BY id LIMIT ?', [
    account,
    COUNTED,
  ]);
  return licensesOn(
    reader,
    account,
    rows.map(({ id }) => `host:${id}`),
  );
}

/** Machines whose HyperAgent is in use, and how many of them the Virtual licenses cover (AIP-7.2, A-11); null where no
 * HyperAgent was reported yet (F-2). */
export async function allowanceInUse(
  reader: Reader,
  id: string,
  now: number,
): Promise<NonNullable<Message<'MachinePage'>['hyperAgents']> | null> {
  if (!(await isReported(reader, id))) return null;
  const { catalogs, policy, timeZone } = await accountOf(reader, id);
  const users = await reader.get<{ n: number }>(
    'SELECT count(*) AS n FROM hyper_agents WHERE account = ? AND in_use = 1',
    [id],
  );
  const licenses = await hostLicenses(reader, id);
  const facts = { profile: 'aip', licenses, policy, account: { timeZone }, now: new Date(now).toISOString() } as const;
  return { inUse: users?.n ?? 0, covered: hyperAgentAllowance(facts, catalogs.aip) };
}
