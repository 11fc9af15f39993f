import type { LicenseDocument } from './license-document.js';

const DAY = 86_400_000;

/** In place of the first start: the authority said no, and that is the end of the first run. */
export const FIRST_RUN_OVER = 0;

/** Answers of an authority that are no outage: whoever got one does not ride on the first run. */
const REFUSALS = new Set([
  'ENROLLMENT_ENDED',
  'FORBIDDEN',
  'LICENSE_KEY_UNKNOWN',
  'LICENSE_REVOKED',
  'REFUSED',
  'SEATS_EXHAUSTED',
]);

export function endsFirstRun(code: string): boolean {
  return REFUSALS.has(code);
}

/** Until when an installation that was never activated backs up, epoch milliseconds; undefined where it does not. Only a
 * start that is on disk counts: what cannot be written would begin anew each time. */
export function firstRunUntil(
  { firstRunAt, holding, givenBack }: LicenseDocument,
  days: number | undefined,
): number | undefined {
  if (days === undefined || holding !== null || givenBack !== null || firstRunAt === null) return undefined;
  return firstRunAt + days * DAY;
}
