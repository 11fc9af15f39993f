import type { Migration } from './migration.js';

/** An index holds the rows alone that are ever sought by it: few machines stand on a reported host, are copies or were
 * replaced, and few seats wait. An activation then writes into six indexes less; the parts of a machine are deleted by
 * their own key (instances/identity.ts). And what agents ask at each check is found by an index, in its order: the license
 * assigned to an instance, the hosts on a machine and those of its system, its cluster groups, hosts, keys. */
export const leanIndexes: Migration = {
  id: 32,
  name: 'lean-indexes',
  statements: [
    'DROP INDEX instances_host',
    'CREATE INDEX instances_host ON instances (account, host_id, id) WHERE host_id IS NOT NULL',
    'CREATE INDEX instances_declared ON instances (account, declared_host_id, id) WHERE declared_host_id IS NOT NULL',
    'DROP INDEX instances_forked_from',
    'CREATE INDEX instances_forked_from ON instances (account, forked_from, id) WHERE forked_from IS NOT NULL',
    'DROP INDEX instances_standby_of',
    'CREATE INDEX instances_standby_of ON instances (account, standby_of, id) WHERE standby_of IS NOT NULL',
    'DROP INDEX instances_superseded',
    'CREATE INDEX instances_superseded ON instances (account, superseded_by, id) WHERE superseded_by IS NOT NULL',
    'DROP INDEX seats_reusable',
    "CREATE INDEX seats_reusable ON seats (account, reusable_from, license_id) WHERE state = 'waiting'",
    'DROP INDEX seats_waiting',
    "CREATE INDEX seats_waiting ON seats (account, license_id, reusable_from) WHERE state = 'waiting'",
    'DROP INDEX machine_components_instance',
    'DROP INDEX instance_licenses_assigned',
    'CREATE INDEX instance_licenses_assigned ON instance_licenses (account, assigned_to, id) WHERE assigned_to IS NOT NULL',
    'DROP INDEX hosts_hci',
    'CREATE INDEX hosts_hci ON hosts (account, hci_id, id) WHERE hci_id IS NOT NULL',
    'CREATE INDEX hosts_on_machine ON hosts (account, on_machine, id) WHERE on_machine IS NOT NULL',
    'CREATE INDEX hosts_digest ON hosts (account, digest) WHERE digest IS NOT NULL',
    'CREATE INDEX cluster_nodes_machine ON cluster_nodes (account, machine_id, cluster_group_id)',
    'CREATE INDEX hyper_agent_hosts_machine ON hyper_agent_hosts (account, machine_id, host_id)',
    'DROP INDEX pool_keys_server',
    'CREATE INDEX pool_keys_server ON pool_keys (account, server_id, id) WHERE server_id IS NOT NULL',
    'DROP INDEX pool_licenses_applied',
    'CREATE INDEX pool_licenses_applied ON pool_licenses (account, applied_to, id) WHERE applied_to IS NOT NULL',
  ],
};
