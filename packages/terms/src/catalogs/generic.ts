import type { Catalog } from '../catalog.js';
import { common, leaseGate, notes, policy, sources } from './defaults.js';

/** No profile: an agent that knows nothing but its lease. */
export const generic: Catalog = {
  id: 'generic',
  version: '1',
  engine: 1,
  profile: 'generic',
  sources,
  policy,
  cover: [],
  rules: [
    {
      id: 'D-1',
      kind: 'restore.leased',
      on: ['restore'],
      cite: { source: 'defaults', section: 'D-1' },
      warning: 'RESTORE_ONLY',
    },
    leaseGate,
    { id: 'D-5', kind: 'lease.live', on: ['backup'], cite: { source: 'defaults', section: 'D-5' } },
    ...common,
  ],
  tempers: [],
  notes,
};
