import { filter, one, type Flow } from './flow.js';
import { membersOf, readCount } from './values.js';

/** Flows about keys for a roll-out, by the words after `leasehold admin`. */
export const ENROLLMENT_FLOWS: Readonly<Record<string, Flow>> = {
  'enrollment-keys': { summary: 'List enrollment keys', route: 'enrollmentKeys', options: filter() },
  'enrollment-key create': {
    summary: 'Create an enrollment key for a roll-out; shows it this once',
    route: 'enrollmentKeyCreate',
    options: {
      name: { what: 'What it is for', value: 'NAME', required: true },
      company: { what: 'Whose machines enroll by it', value: 'ID' },
      license: { what: 'Draw from this license', value: 'ID', many: true },
      type: { what: 'Draw from all licenses of this type that the company has', value: 'TYPE' },
      profile: { what: 'Of the type: aip, machines and hosts (usual), or msp, instances', value: 'PROFILE' },
      'max-uses': { what: 'For how many machines', value: 'N', required: true },
      days: { what: 'How long it is valid (30)', value: 'DAYS' },
    },
    body: (given) => ({
      ...membersOf(given, { name: 'name', company: 'company', type: 'type' }),
      ...(given.has('type') ? { profile: given.get('profile') ?? 'aip' } : {}),
      ...(given.has('license') ? { licenses: [...given.all('license')] } : {}),
      maxUses: readCount(given, 'max-uses'),
      validDays: readCount(given, 'days', 30),
    }),
  },
  'enrollment-key revoke': {
    summary: 'Revoke an enrollment key; its machines stay as they are',
    route: 'enrollmentKeyRevoke',
    ...one('key'),
  },
};
