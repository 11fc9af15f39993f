import type { Given, Option } from '../command.js';
import { filter, nothing, one, type Flow } from './flow.js';
import { membersOf, readCount, readUnit, rowsOfFile, textOfFile } from './values.js';

const FILE = { file: { what: 'JSON array of the rows', value: 'FILE', required: true } } satisfies Record<
  string,
  Option
>;
const FILTERS = ['search', 'company', 'kind', 'validity', 'usage', 'autoRenew', 'type'];
/** A file has no pages. */
const { after: _after, limit: _limit, ...OF_FILE } = filter(...FILTERS);
/** An option that says NONE takes away what stood there. */
const orNull = (given: Given, option: string): string | null => {
  const value = given.get(option);
  return value === undefined || value === 'NONE' ? null : value;
};

/** Companies and licenses, by the words after `leasehold admin`. */
export const LICENSE_FLOWS: Readonly<Record<string, Flow>> = {
  companies: { summary: 'List companies', route: 'companies', options: filter('sort', 'search', 'parent') },
  'company create': {
    summary: 'Create a company',
    route: 'companyCreate',
    options: {
      name: { what: 'Its name', value: 'NAME', required: true },
      id: { what: 'Its id', value: 'ID' },
      parent: { what: 'The reseller that it stands below', value: 'ID' },
    },
    body: (given) => membersOf(given, { name: 'name', id: 'id', parentId: 'parent' }),
  },
  'company rename': {
    summary: 'Rename a company',
    route: 'companyRename',
    ...one('company'),
    options: { name: { what: 'Its new name', value: 'NAME', required: true } },
    body: (given) => membersOf(given, { name: 'name' }),
  },
  grants: { summary: 'What was given to companies', route: 'grants', options: filter('company') },
  'grant create': {
    summary: 'Give free licenses of a type to a company below',
    route: 'grantCreate',
    options: {
      to: { what: 'Who gets them', value: 'ID', required: true },
      type: { what: 'Their type', value: 'TYPE', required: true },
      quantity: { what: 'How many', value: 'N', required: true },
      from: { what: 'The reseller that gives (the provider)', value: 'ID' },
    },
    body: (given) => ({
      ...membersOf(given, { to: 'to', type: 'type', from: 'from' }),
      quantity: readCount(given, 'quantity'),
    }),
  },
  'grant import': {
    summary: 'Bring in the licenses that the vendor granted, once; shows their keys this once',
    route: 'grantImport',
    options: { file: { what: 'The grant, as the vendor sent it', value: 'FILE', required: true } },
    body: async (given) => ({ grant: (await textOfFile(given)).trim() }),
  },
  'grant take-back': {
    summary: 'Take back what is unused of a grant',
    route: 'grantTakeBack',
    ...one('grant'),
    options: { quantity: { what: 'How many (all that is unused)', value: 'N' } },
    body: (given) => (given.has('quantity') ? { quantity: readCount(given, 'quantity') } : {}),
  },
  licenses: {
    summary: 'List licenses by filters',
    route: 'licenses',
    options: filter('sort', ...FILTERS),
  },
  'license create': {
    summary: 'Bring licenses in; shows their keys this once',
    route: 'licensesCreate',
    options: FILE,
    body: async (given) => ({ licenses: await rowsOfFile(given) }),
  },
  'license assign': {
    summary: 'Assign a license to a computer or domain',
    route: 'licenseAssign',
    ...one('license'),
    options: {
      to: { what: 'Its id', value: 'ID', required: true },
      kind: { what: 'computer (the default) or domain, which covers no machine', value: 'KIND' },
    },
    body: (given) => ({ kind: 'computer', ...membersOf(given, { to: 'to', kind: 'kind' }) }),
  },
  'license release': { summary: 'Take it off its computer', route: 'licenseRelease', ...one('license'), body: nothing },
  'license grant': {
    summary: 'Give a free license to a company, a user of it, or back to the global pool',
    route: 'licenseGrant',
    ...one('license'),
    options: {
      company: { what: 'The company; NONE for the global pool', value: 'ID', required: true },
      user: { what: 'A user of the company', value: 'NAME' },
    },
    body: (given) => ({ company: orNull(given, 'company'), user: orNull(given, 'user') }),
  },
  'license change-type': {
    summary: 'Give its computer or domain a free license of another type instead',
    route: 'licenseChangeType',
    ...one('license'),
    options: { type: { what: 'The type that is wanted', value: 'TYPE', required: true } },
    body: (given) => membersOf(given, { type: 'type' }),
  },
  'license auto-renew': {
    summary: 'Switch the renewal by itself on or off',
    route: 'licenseAutoRenew',
    ...one('license'),
    options: { off: { what: 'Off: valid through its last day' } },
    body: (given) => ({ autoRenew: !given.has('off') }),
  },
  'license move': {
    summary: 'Move a license to the hardware that replaces a machine or host',
    route: 'licenseMove',
    ...one('license'),
    options: {
      from: { what: 'What holds it: machine:ID or host:ID', value: 'UNIT', required: true },
      to: { what: 'What replaces that', value: 'UNIT', required: true },
      source: { what: 'What becomes of the old one: disposed, dead, parallel', value: 'WORD' },
    },
    body: (given) => ({
      from: readUnit(given, 'from'),
      to: readUnit(given, 'to'),
      sourceDisposition: given.get('source') ?? 'undeclared',
    }),
  },
  'license move-back': {
    summary: 'Move it back to where it came from, until the new machine has backed up',
    route: 'licenseMoveBack',
    ...one('license'),
    options: { machine: { what: 'The machine that it was moved to', value: 'ID', required: true } },
    body: (given) => membersOf(given, { machine: 'machine' }),
  },
  'license revoke': {
    summary: 'Revoke a license: backups on it stop, restores do not',
    route: 'licenseRevoke',
    ...one('license'),
    body: nothing,
  },
  'license reinstate': {
    summary: 'Make a revoked license valid again',
    route: 'licenseReinstate',
    ...one('license'),
    body: nothing,
  },
  'license bulk': {
    summary: 'One action on many licenses, all or nothing; shows the bulk that undoes it',
    route: 'licensesBulk',
    args: ['ACTION'],
    options: FILE,
    body: async (given) => ({ action: given.args[0], items: await rowsOfFile(given) }),
  },
  'license import': {
    summary: 'Bring licenses in from CSV, all or nothing; shows their keys this once',
    route: 'licensesImport',
    options: { file: { what: 'The CSV file', value: 'FILE', required: true } },
    body: async (given) => ({ csv: await textOfFile(given) }),
  },
  'license export': {
    summary: 'The licenses that the filters leave, as CSV',
    route: 'licensesExport',
    options: OF_FILE,
  },
  'license required': {
    summary: 'How many licenses of a type a day still needs',
    route: 'licensesRequired',
    options: {
      type: { what: 'The type', value: 'TYPE', required: true },
      until: { what: 'The day; today by default', value: 'YYYY-MM-DD' },
      company: { what: 'Of one company alone', value: 'ID' },
    },
  },
};
