import type { Migration } from './migration.js';

/** All that machines are filtered, sorted, searched and counted by, in place of the index of companies: a row of a machine
 * is ten times as long, and a console that counts 100,000 of them would keep the agents waiting (instances/list.ts). And the
 * few that hold of a pool, which each question about pools asks for (pools/facts.ts). */
export const machineIndex: Migration = {
  id: 33,
  name: 'machine-index',
  statements: [
    'DROP INDEX instances_company',
    `CREATE INDEX instances_listed ON instances (account, company_id, id, label, os, agent_version, state, cover_decision,
       cover_code, lease_expires_at, registered_at, last_seen_at, standby_of, forked_at, short_since, declared,
       contradicted_at)`,
    `CREATE INDEX instances_pooled ON instances (account, id) WHERE entitlement_kind IN ('pool_key', 'pool_license')`,
  ],
};
