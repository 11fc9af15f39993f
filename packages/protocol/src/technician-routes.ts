import type { RouteRow } from './route-row.js';

/** What technicians, their media and those who help them call. */
export const TECHNICIAN_ROUTES = {
  licenseReassign: {
    method: 'POST',
    path: '/v1/admin/licenses/:license/reassign',
    access: 'owner',
    scope: { license: 'license' },
    request: 'LicenseReassign',
    reply: 'ChangeReply',
    summary: 'Hand a technician license to another person (AIP-9.7)',
  },
  voucherCreate: {
    method: 'POST',
    path: '/v1/admin/vouchers',
    access: 'operator',
    scope: 'account',
    request: 'VoucherCreate',
    reply: 'VoucherCreated',
    summary: 'Check a session out for one medium and one machine; shows its code once',
  },
  voucherFetch: {
    method: 'POST',
    path: '/v1/vouchers',
    access: 'device',
    request: 'VoucherFetch',
    reply: 'VoucherReply',
    summary: 'Fetch a voucher by its code',
  },
  codes: {
    method: 'GET',
    path: '/v1/admin/codes',
    access: 'viewer',
    scope: 'account',
    reply: 'CodePage',
    query: ['after', 'limit'],
    summary: 'One-time codes that were given, the last first',
  },
  codeCreate: {
    method: 'POST',
    path: '/v1/admin/media/:media/codes',
    access: 'operator',
    scope: 'account',
    request: 'CodeCreate',
    reply: 'CodeCreated',
    summary: 'Answer the challenge of a boot medium with a one-time code (F-10)',
  },
  agentStamp: {
    method: 'POST',
    path: '/v1/media',
    access: 'device',
    request: 'AgentStamp',
    reply: 'AgentStamped',
    summary: 'Stamp a boot medium on a licensed machine (AIP-9.1)',
  },
} as const satisfies Record<string, RouteRow>;
