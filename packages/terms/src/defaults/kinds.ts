import type { Judges, Tempers } from '../kinds.js';
import { admissionKinds, type AdmissionParams } from './admission.js';
import { fieldTempers, type FieldParams } from './field.js';
import { gradeTempers, type GradeParams } from './grades.js';
import { leaseKinds, type LeaseParams } from './lease.js';
import { openKinds, type OpenParams } from './open.js';
import { restoreKinds, type RestoreParams } from './restore.js';

/** Rule kinds that every profile shares. */
export interface DefaultParams extends AdmissionParams, LeaseParams, OpenParams, RestoreParams {}
export interface DefaultTemperParams extends FieldParams, GradeParams {}

export const defaultKinds: Judges<DefaultParams> = { ...admissionKinds, ...leaseKinds, ...openKinds, ...restoreKinds };
export const defaultTempers: Tempers<DefaultTemperParams> = { ...fieldTempers, ...gradeTempers };
