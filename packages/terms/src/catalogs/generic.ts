import type { Catalog } from '../catalog.js';
import { common, leaseGate, policy } from './defaults.js';

/** No profile: an agent that knows nothing but its lease. */
export const generic: Catalog = {
  id: 'generic',
  version: '1',
  engine: 1,
  profile: 'generic',
  policy,
  cover: [],
  rules: {
    restore: [{ id: 'D-1', kind: 'restore.leased', warning: 'RESTORE_ONLY' }],
    backup: [leaseGate, { id: 'D-5', kind: 'lease.live' }],
    ...common,
  },
  tempers: {},
};
