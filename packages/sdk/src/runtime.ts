import { LeaseholdError } from '@leasehold/protocol';

/** The oldest Node whose network library and file calls we use. */
const OLDEST = [20, 18, 1] as const;

/** What is wrong with the Node we run on. It is told and stops nothing: an old runtime is no reason to lose a backup. */
export function runtimeProblem(version: string): LeaseholdError | undefined {
  const parts = version.replace(/^v/, '').split('.').map(Number);
  const differs = OLDEST.findIndex((part, index) => (parts[index] ?? 0) !== part);
  if (differs === -1 || (parts[differs] ?? 0) > (OLDEST[differs] ?? 0)) return undefined;
  return new LeaseholdError('NODE_TOO_OLD', `This is Node ${version}; at least ${OLDEST.join('.')} is needed.`, {
    remedy: 'Update Node; until then a check-in with the authority may fail.',
  });
}
