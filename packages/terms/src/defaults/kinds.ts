import type { Judges } from '../kinds.js';
import { admissionKinds, type AdmissionParams } from './admission.js';
import { leaseKinds, type LeaseParams } from './lease.js';
import { openKinds, type OpenParams } from './open.js';
import { restoreKinds, type RestoreParams } from './restore.js';

/** Rule kinds that every profile shares. */
export interface DefaultParams extends AdmissionParams, LeaseParams, OpenParams, RestoreParams {}

export const defaultKinds: Judges<DefaultParams> = { ...admissionKinds, ...leaseKinds, ...openKinds, ...restoreKinds };
