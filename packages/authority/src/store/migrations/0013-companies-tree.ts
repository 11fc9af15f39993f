import type { Migration } from './migration.js';

/** Resellers and the companies below them, and what was given down. */
export const companiesTree: Migration = {
  id: 13,
  name: 'companies-tree',
  statements: [
    // null: directly below the provider, whose realm the account is.
    'ALTER TABLE companies ADD COLUMN parent_id text',
    'CREATE INDEX companies_parent ON companies (account, parent_id, id)',
    `CREATE TABLE grants (
       account text NOT NULL, id text NOT NULL, from_company text, to_company text NOT NULL, type text NOT NULL,
       quantity bigint NOT NULL, granted_by text NOT NULL, granted_at bigint NOT NULL, PRIMARY KEY (account, id))`,
    'CREATE INDEX grants_granted ON grants (account, granted_at, id)',
    'CREATE INDEX grants_to ON grants (account, to_company, granted_at, id)',
    // Which licenses a grant gave that did not come back yet. One that was given on stands in both grants.
    `CREATE TABLE grant_licenses (
       account text NOT NULL, grant_id text NOT NULL, license_id text NOT NULL,
       PRIMARY KEY (account, grant_id, license_id))`,
    'CREATE INDEX grant_licenses_license ON grant_licenses (account, license_id, grant_id)',
    'CREATE INDEX instances_superseded ON instances (account, superseded_by, id)',
  ],
};
