import { filter, nothing, one, type Flow } from './flow.js';
import { membersOf, readCount } from './values.js';

/** Flows about boot media and technicians, by the words after `leasehold admin`. */
export const TECHNICIAN_FLOWS: Readonly<Record<string, Flow>> = {
  sessions: { summary: 'List IT Pro sessions', route: 'sessions', options: filter('status') },
  'session end': { summary: 'End a session for its holder', route: 'sessionStop', ...one('session'), body: nothing },
  media: { summary: 'List boot media', route: 'media', options: filter('sort') },
  'license reassign': {
    summary: 'Hand a technician license to another person',
    route: 'licenseReassign',
    ...one('license'),
    options: { technician: { what: 'The new holder', value: 'ID', required: true } },
    body: (given) => membersOf(given, { technician: 'technician' }),
  },
  'voucher create': {
    summary: 'Check a session out for one medium and one machine; shows its code this once',
    route: 'voucherCreate',
    options: {
      license: { what: 'The technician license', value: 'ID', required: true },
      media: { what: 'Id of the medium', value: 'ID', required: true },
      machine: { what: 'The code that the medium shows on the machine', value: 'CODE', required: true },
      os: { what: 'The system of the machine (unknown)', value: 'OS' },
      hours: { what: 'For how long, 1 to 12 (8)', value: 'HOURS' },
    },
    body: (given) => ({
      machineOs: 'unknown',
      ...membersOf(given, { license: 'license', media: 'media', machine: 'machine', machineOs: 'os' }),
      hours: readCount(given, 'hours', 8),
    }),
  },
  codes: { summary: 'List the one-time codes that were given', route: 'codes', options: filter() },
  'code create': {
    summary: 'Answer the challenge of a boot medium with a one-time code',
    route: 'codeCreate',
    args: ['MEDIA', 'CHALLENGE'],
    params: { media: 0 },
    options: { note: { what: 'Which machine, for whom, why', value: 'TEXT', required: true } },
    body: (given) => ({ challenge: given.args[1], ...membersOf(given, { note: 'note' }) }),
  },
};
