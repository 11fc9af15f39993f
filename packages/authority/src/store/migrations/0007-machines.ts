import type { Migration } from './migration.js';

/** What is known of a machine beyond its chain: copies and standbys, what a person declared, what verdicts rest on. */
export const machines: Migration = {
  id: 7,
  name: 'machines',
  statements: [
    // A copy is an instance of its own: of which one, and what was decided ('replace', 'license', 'retire', 'standby').
    'ALTER TABLE instances ADD COLUMN forked_from text',
    'ALTER TABLE instances ADD COLUMN fork_decision text',
    'ALTER TABLE instances ADD COLUMN standby_of text',
    // 'disposed' or 'dead', as a person said; and when it spoke nevertheless.
    'ALTER TABLE instances ADD COLUMN declared text',
    'ALTER TABLE instances ADD COLUMN contradicted_at bigint',
    'ALTER TABLE instances ADD COLUMN superseded_by text',
    'ALTER TABLE instances ADD COLUMN superseded_at bigint',
    'ALTER TABLE instances ADD COLUMN first_backup_at bigint',
    // The machine as it was before anything was strange: tells the original from its copy. JSON, see instances/origin.ts.
    'ALTER TABLE instances ADD COLUMN origin text',
    'CREATE INDEX instances_forked_from ON instances (account, forked_from, id)',
    'CREATE INDEX instances_standby_of ON instances (account, standby_of, id)',
    // The instance that the machine on this branch became.
    'ALTER TABLE dead_leases ADD COLUMN heir text',
    // Check-ins that were not simply the next of the same machine, by the number of the lease that they got.
    `CREATE TABLE evidence (
       account text NOT NULL, instance_id text NOT NULL, seq bigint NOT NULL, at bigint NOT NULL, verdict text NOT NULL,
       details text NOT NULL, PRIMARY KEY (account, instance_id, seq))`,
    `CREATE TABLE declarations (
       account text NOT NULL, id text NOT NULL, machine_id text NOT NULL, kind text NOT NULL, of_id text, note text,
       author text NOT NULL, made_at bigint NOT NULL, contradicted_at bigint, withdrawn_at bigint,
       PRIMARY KEY (account, id))`,
    'CREATE INDEX declarations_machine ON declarations (account, machine_id, made_at)',
  ],
};
