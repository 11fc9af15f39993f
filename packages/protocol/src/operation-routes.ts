import type { RouteRow } from './route-row.js';

/** What operators call beside the console's views: what leaves the authority, and what comes in by file. */
export const OPERATION_ROUTES = {
  statements: {
    method: 'GET',
    path: '/v1/admin/usage/statements',
    access: 'viewer',
    reply: 'StatementList',
    query: ['month'],
    summary: 'Usage of a month by company',
  },
  statement: {
    method: 'GET',
    path: '/v1/admin/usage/statement',
    access: 'viewer',
    reply: 'StatementReply',
    query: ['month', 'company'],
    summary: 'Signed statement of a company and a month, verifiable offline',
  },
} as const satisfies Record<string, RouteRow>;
