import type { RouteRow } from './route-row.js';

/** What operators call beside the console's views: what leaves the authority, and what comes in by file. */
export const OPERATION_ROUTES = {
  statements: {
    method: 'GET',
    path: '/v1/admin/usage/statements',
    access: 'viewer',
    scope: {},
    reply: 'StatementList',
    query: ['month'],
    summary: 'Usage of a month by company',
  },
  statement: {
    method: 'GET',
    path: '/v1/admin/usage/statement',
    access: 'viewer',
    scope: { 'query.company': 'company' },
    reply: 'StatementFile',
    as: 'application/jsonl',
    query: ['month', 'company'],
    summary: 'Signed statement of a company and a month, verifiable offline',
  },
  recover: {
    method: 'POST',
    path: '/v1/recover',
    access: 'public',
    request: 'RecoverRequest',
    reply: 'TokenCreated',
    summary: 'A token for the owner who brings the word of the root key; each once',
  },
  exchange: {
    method: 'POST',
    path: '/v1/admin/exchange',
    access: 'operator',
    scope: 'account',
    request: 'ExchangeAnswer',
    reply: 'ExchangeAnswered',
    summary: 'Answer the request file of a machine without a network; the same file gets the same answer',
  },
} as const satisfies Record<string, RouteRow>;
