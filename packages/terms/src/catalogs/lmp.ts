import type { Catalog } from '../catalog.js';
import { common, leaseGate, policy, sources } from './defaults.js';

export const lmp: Catalog = {
  id: 'lmp',
  version: '1',
  engine: 1,
  profile: 'lmp',
  sources,
  policy,
  cover: [],
  rules: [leaseGate, ...common],
  tempers: [],
};
