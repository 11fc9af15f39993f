import type { RouteRow } from './route-row.js';

/** Keys for the roll-out to many machines. */
export const ENROLLMENT_ROUTES = {
  enrollmentKeys: {
    method: 'GET',
    path: '/v1/admin/enrollment-keys',
    access: 'operator',
    scope: {},
    reply: 'EnrollmentKeyPage',
    query: ['after', 'limit'],
    summary: 'Enrollment keys, without the keys themselves',
  },
  enrollmentKeyCreate: {
    method: 'POST',
    path: '/v1/admin/enrollment-keys',
    access: 'operator',
    scope: { 'body.company': 'company', 'body.licenses': 'license?' },
    request: 'EnrollmentKeyCreate',
    reply: 'EnrollmentKeyCreated',
    summary: 'Create an enrollment key for a roll-out; shows it once',
  },
  enrollmentKeyRevoke: {
    method: 'DELETE',
    path: '/v1/admin/enrollment-keys/:key',
    access: 'operator',
    scope: { key: 'enrollmentKey' },
    request: 'DryRunOnly',
    reply: 'ChangeReply',
    summary: 'Revoke an enrollment key; machines that enrolled by it stay as they are',
  },
} as const satisfies Record<string, RouteRow>;
