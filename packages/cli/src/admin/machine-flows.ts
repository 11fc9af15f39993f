import { LeaseholdError } from '@leasehold/protocol';
import type { Option } from '../command.js';
import type { Flow } from './flow.js';
import { membersOf } from './values.js';

const one = (name: string): Pick<Flow, 'args' | 'params'> => ({ args: [name.toUpperCase()], params: { [name]: 0 } });
const NOTE = { note: { what: 'Why, for whoever reads it later', value: 'TEXT' } } satisfies Record<string, Option>;
const OF = { of: { what: 'The other machine', value: 'MACHINE', required: true } } satisfies Record<string, Option>;

/** A declaration of one kind, in a word of its own. */
const declare = (summary: string, kind: string, options: Record<string, Option>): Flow => ({
  summary,
  route: 'machineDeclare',
  ...one('machine'),
  options: { ...options, ...NOTE },
  body: (given) => ({ kind, ...membersOf(given, { of: 'of', note: 'note' }) }),
});

/** Flows about machines, by the words after `leasehold admin`. */
export const MACHINE_FLOWS: Readonly<Record<string, Flow>> = {
  'machine show': { summary: 'One machine, with the evidence of its verdicts', route: 'machine', ...one('machine') },
  'machine disposed': declare('Declare that a machine was disposed of', 'disposed', {}),
  'machine dead': declare('Declare that a machine is dead', 'dead', {}),
  'machine in-service': declare('Take back that a machine is gone', 'in_service', {}),
  'machine standby-of': declare('Declare that a machine stands by for another', 'standby_of', OF),
  'machine replaces': declare('Declare that it replaces another; the license moves', 'replaces', OF),
  'machine release': {
    summary: 'Take its seat back from a machine',
    route: 'machineRelease',
    ...one('machine'),
    body: () => ({}),
  },
  'standby create': {
    summary: 'Declare a standby that was never started',
    route: 'standbyCreate',
    ...one('machine'),
    options: { name: { what: 'Its name', value: 'NAME', required: true } },
    body: (given) => membersOf(given, { name: 'name' }),
  },
  'fork decide': {
    summary: 'Decide about a copy: replace, license or retire',
    route: 'forkDecide',
    args: ['MACHINE', 'DECISION'],
    params: { machine: 0 },
    options: { license: { what: 'The license that it gets, with `license`', value: 'ID' } },
    body: (given) => ({ decision: given.args[1], ...membersOf(given, { license: 'license' }) }),
  },
  'license bind': {
    summary: 'Bind a license to a machine, host or cluster group',
    route: 'licenseBind',
    ...one('license'),
    options: { to: { what: 'machine:ID, host:ID or cluster_group:ID', value: 'UNIT', required: true } },
    body: (given) => ({ to: readUnit(given.get('to') ?? '') }),
  },
};

function readUnit(text: string): { type: string; id: string } {
  const [, type, id] = /^(machine|host|cluster_group):(.+)$/.exec(text) ?? [];
  if (type !== undefined && id !== undefined) return { type, id };
  throw new LeaseholdError('INPUT_INVALID', `"${text}" names nothing that a license is bound to.`, {
    path: 'to',
    remedy: 'Write machine:ID, host:ID or cluster_group:ID.',
  });
}
