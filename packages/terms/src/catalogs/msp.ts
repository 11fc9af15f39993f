import type { Catalog } from '../catalog.js';
import { common, leaseGate, policy, sources } from './defaults.js';

export const msp: Catalog = {
  id: 'msp',
  version: '1',
  engine: 1,
  profile: 'msp',
  sources,
  policy,
  cover: [],
  rules: [leaseGate, ...common],
  tempers: [],
};
