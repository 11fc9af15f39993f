import type { Migration } from './migration.js';

/** Suffix of the columns: `_at`, `_from`, `_until` without another word = epoch milliseconds. `valid_until` alone is
 * text as the rules read it (instant, inclusive day, or null = perpetual); `ends_at` is the first instant after it. */
const accounts: readonly string[] = [
  `CREATE TABLE accounts (
     account text NOT NULL PRIMARY KEY, name text NOT NULL, product text NOT NULL, salt text NOT NULL,
     time_zone text NOT NULL, payment_mode text, prefix text, profile text NOT NULL, policy text NOT NULL,
     created_at bigint NOT NULL)`,
  // Apart from the account, so that taking a journal number rewrites a narrow row and blocks no change of settings.
  `CREATE TABLE journal_heads (
     account text NOT NULL PRIMARY KEY, epoch bigint NOT NULL, seq bigint NOT NULL, hash text NOT NULL)`,
  `CREATE TABLE journal (
     account text NOT NULL, seq bigint NOT NULL, epoch bigint NOT NULL, at bigint NOT NULL, type text NOT NULL,
     subject text NOT NULL, actor text NOT NULL, company_id text, payload text, erased_at bigint,
     payload_hash text NOT NULL, prev_hash text NOT NULL, hash text NOT NULL, PRIMARY KEY (account, seq))`,
  'CREATE INDEX journal_subject ON journal (account, subject, seq)',
  // Finds the account of a secret by its hash (license, enrollment and pool keys; access tokens): the one table that is
  // not led by the account, replicated where the others are sharded. `target` is an id in the table that `kind` names.
  `CREATE TABLE directory (
     hash text NOT NULL PRIMARY KEY, account text NOT NULL, kind text NOT NULL, target text NOT NULL)`,
  `CREATE TABLE keysets (
     account text NOT NULL, version bigint NOT NULL, epoch bigint NOT NULL, token text NOT NULL,
     issued_at bigint NOT NULL, expires_at bigint NOT NULL, PRIMARY KEY (account, version))`,
  // Public halves and windows only; private keys lie in the keyring, outside the database.
  `CREATE TABLE signing_keys (
     account text NOT NULL, kid text NOT NULL, public_jwk text NOT NULL, not_before bigint NOT NULL,
     not_after bigint NOT NULL, created_at bigint NOT NULL, PRIMARY KEY (account, kid))`,
  `CREATE TABLE catalogs (
     account text NOT NULL, product text NOT NULL, version bigint NOT NULL, digest text NOT NULL, token text NOT NULL,
     created_at bigint NOT NULL, PRIMARY KEY (account, product, version))`,
  `CREATE TABLE access_tokens (
     account text NOT NULL, id text NOT NULL, hash text NOT NULL, name text NOT NULL, role text NOT NULL,
     company_id text, created_at bigint NOT NULL, expires_at bigint, revoked_at bigint, last_used_at bigint,
     PRIMARY KEY (account, id))`,
  `CREATE TABLE companies (
     account text NOT NULL, id text NOT NULL, name text NOT NULL, created_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  'CREATE UNIQUE INDEX companies_name ON companies (account, name)',
];

const licenses: readonly string[] = [
  // Bound to a machine, host, cluster group or technician. quota = activations that it carries, used = seats taken.
  `CREATE TABLE machine_licenses (
     account text NOT NULL, id text NOT NULL, edition text NOT NULL, term text NOT NULL, starts_at text,
     valid_until text, ends_at bigint, bound_type text, bound_id text, guests bigint, quota bigint NOT NULL,
     used bigint NOT NULL, state text NOT NULL, company_id text, key_hash text, key_hint text, grant_id text,
     created_at bigint NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  'CREATE INDEX machine_licenses_bound ON machine_licenses (account, bound_type, bound_id)',
  'CREATE INDEX machine_licenses_ends ON machine_licenses (account, ends_at, id)',
  // Per instance: assigned to one computer or domain, owned by a company or (null) by the global pool.
  `CREATE TABLE instance_licenses (
     account text NOT NULL, id text NOT NULL, number text NOT NULL, type text NOT NULL, kind text NOT NULL,
     company_id text, assigned_to text, assigned_kind text, computer_name text, os text, user_name text,
     valid_until text NOT NULL, ends_at bigint NOT NULL, auto_renew bigint NOT NULL, transaction_id text,
     last_released_from text, created_at bigint NOT NULL, updated_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  'CREATE UNIQUE INDEX instance_licenses_number ON instance_licenses (account, number)',
  'CREATE INDEX instance_licenses_assigned ON instance_licenses (account, assigned_to)',
  'CREATE INDEX instance_licenses_ends ON instance_licenses (account, ends_at, id)',
  `CREATE TABLE pool_licenses (
     account text NOT NULL, id text NOT NULL, type text NOT NULL, purchase text NOT NULL, state text NOT NULL,
     free_upgrade_until text NOT NULL, applied_to text, pooled_at bigint, created_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  'CREATE INDEX pool_licenses_type ON pool_licenses (account, type, state, free_upgrade_until)',
  `CREATE TABLE license_pools (
     account text NOT NULL, id text NOT NULL, name text NOT NULL, type text NOT NULL, created_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  'CREATE UNIQUE INDEX license_pools_name ON license_pools (account, name)',
  `CREATE TABLE pool_keys (
     account text NOT NULL, id text NOT NULL, pool_id text NOT NULL, licensee_name text NOT NULL, status text NOT NULL,
     server_id text, key_hash text, key_hint text, last_check_at bigint, created_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  'CREATE UNIQUE INDEX pool_keys_licensee ON pool_keys (account, licensee_name)',
  'CREATE INDEX pool_keys_pool ON pool_keys (account, pool_id, id)',
  // Client access licenses by kind, one row for each owner: a license brings `quota`; a type ('type', 'OEM') has the sum
  // of its pooled licenses and allots to pools; a pool allots to keys; of a key, allotted = what its server uses.
  // `allotted` moves by conditional UPDATE (allotted + ? <= quota), so that two changes at once never overspend.
  `CREATE TABLE cals (
     account text NOT NULL, owner_type text NOT NULL, owner_id text NOT NULL, cal text NOT NULL, quota bigint NOT NULL,
     allotted bigint NOT NULL, PRIMARY KEY (account, owner_type, owner_id, cal))`,
];

const machines: readonly string[] = [
  // A machine with an agent: who it is, its device key, the head of its lease chain, what it last said of itself.
  `CREATE TABLE instances (
     account text NOT NULL, id text NOT NULL, company_id text, product text NOT NULL, label text, kind text NOT NULL,
     os text NOT NULL, host_id text, declared_host_id text, cluster_group_id text, state text NOT NULL,
     jkt text NOT NULL, components text NOT NULL, facts text NOT NULL, agent_version text, short_since bigint,
     lease_id text, lease_seq bigint NOT NULL, lease_parent text, lease_nonce text, lease_epoch bigint,
     lease_issued_at bigint, lease_expires_at bigint, registered_at bigint NOT NULL, last_seen_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  'CREATE INDEX instances_jkt ON instances (account, jkt)',
  'CREATE INDEX instances_company ON instances (account, company_id, id)',
  'CREATE INDEX instances_host ON instances (account, host_id)',
  'CREATE INDEX instances_seen ON instances (account, last_seen_at, id)',
  // Leases on branches that were left behind: a machine that continues one of these is a second copy (design 3).
  `CREATE TABLE dead_leases (
     account text NOT NULL, instance_id text NOT NULL, lease_id text NOT NULL, died_at bigint NOT NULL,
     PRIMARY KEY (account, instance_id, lease_id))`,
  // One seat of a license held by one machine. A seat released while its lease lives is reusable from an instant.
  `CREATE TABLE seats (
     account text NOT NULL, license_id text NOT NULL, instance_id text NOT NULL, state text NOT NULL,
     taken_at bigint NOT NULL, released_at bigint, reusable_from bigint, PRIMARY KEY (account, license_id, instance_id))`,
  'CREATE INDEX seats_instance ON seats (account, instance_id, license_id)',
  'CREATE INDEX seats_reusable ON seats (account, state, reusable_from)',
  `CREATE TABLE hosts (
     account text NOT NULL, id text NOT NULL, label text, kind text NOT NULL, hypervisor text NOT NULL, hci_id text,
     on_machine text, guest_count bigint, inventory_at bigint, reported_by text, facts text NOT NULL,
     created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  'CREATE INDEX hosts_hci ON hosts (account, hci_id)',
  `CREATE TABLE hcis (
     account text NOT NULL, id text NOT NULL, label text, created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  `CREATE TABLE cluster_groups (
     account text NOT NULL, id text NOT NULL, label text, created_at bigint NOT NULL, PRIMARY KEY (account, id))`,
  `CREATE TABLE cluster_nodes (
     account text NOT NULL, cluster_group_id text NOT NULL, machine_id text NOT NULL,
     PRIMARY KEY (account, cluster_group_id, machine_id))`,
];

const activity: readonly string[] = [
  `CREATE TABLE media (
     account text NOT NULL, id text NOT NULL, base text NOT NULL, label text, technician_id text, digest text NOT NULL,
     state text NOT NULL, valid_until bigint, created_by text NOT NULL, created_at bigint NOT NULL,
     PRIMARY KEY (account, id))`,
  `CREATE TABLE sessions (
     account text NOT NULL, id text NOT NULL, license_id text NOT NULL, technician text, media_id text NOT NULL,
     machine_id text NOT NULL, place text, fencing bigint NOT NULL, started_at bigint NOT NULL,
     lease_expires_at bigint NOT NULL, ended_at bigint, end_reason text, PRIMARY KEY (account, id))`,
  'CREATE INDEX sessions_license ON sessions (account, license_id, started_at)',
  // The one seat of a technician's license. Whoever takes it raises `fencing`, which never repeats; it is free when
  // session_id is null or busy_until has passed.
  `CREATE TABLE technician_seats (
     account text NOT NULL, license_id text NOT NULL, session_id text, fencing bigint NOT NULL,
     busy_until bigint NOT NULL, PRIMARY KEY (account, license_id))`,
  `CREATE TABLE usage_totals (
     account text NOT NULL, instance_id text NOT NULL, day text NOT NULL, kind text NOT NULL, runs bigint NOT NULL,
     bytes bigint NOT NULL, PRIMARY KEY (account, instance_id, day, kind))`,
  'CREATE INDEX usage_totals_day ON usage_totals (account, day, kind)',
  // The highest outbox number counted, for each outbox that an instance ever opened: what comes again is dropped.
  `CREATE TABLE usage_seen (
     account text NOT NULL, instance_id text NOT NULL, outbox_epoch text NOT NULL, n bigint NOT NULL,
     seen_at bigint NOT NULL, PRIMARY KEY (account, instance_id, outbox_epoch))`,
  `CREATE TABLE idempotency (
     account text NOT NULL, caller text NOT NULL, key text NOT NULL, request_hash text NOT NULL, outcome text NOT NULL,
     expires_at bigint NOT NULL, PRIMARY KEY (account, caller, key))`,
  'CREATE INDEX idempotency_expires ON idempotency (account, expires_at)',
  // Timed work, claimed by conditional UPDATE so that several nodes do it once.
  `CREATE TABLE timed_work (
     account text NOT NULL, name text NOT NULL, due_at bigint NOT NULL, claimed_by text, claimed_until bigint,
     PRIMARY KEY (account, name))`,
];

/** The tables that the first release begins with. */
export const foundation: Migration = {
  id: 1,
  name: 'foundation',
  statements: [...accounts, ...licenses, ...machines, ...activity],
};
