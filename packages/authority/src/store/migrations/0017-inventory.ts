import type { Migration } from './migration.js';

/** HyperAgents as they were last reported. */
export const inventory: Migration = {
  id: 17,
  name: 'inventory',
  statements: [
    // When HyperAgents were reported last; without a row nothing is known of them, which is not the same as none (F-2).
    `CREATE TABLE hyper_agent_reports (
       account text NOT NULL PRIMARY KEY, reported_at bigint NOT NULL, reported_by text NOT NULL)`,
    // First in, first served (AIP-7.3): `since_at` is kept as long as the machine has one.
    `CREATE TABLE hyper_agents (
       account text NOT NULL, machine_id text NOT NULL, in_use bigint NOT NULL, since_at bigint NOT NULL,
       PRIMARY KEY (account, machine_id))`,
    `CREATE TABLE hyper_agent_hosts (
       account text NOT NULL, host_id text NOT NULL, machine_id text NOT NULL, PRIMARY KEY (account, host_id, machine_id))`,
  ],
};
