import { isGrantPage, isOrderPage } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import { upsert } from './tables.js';

export type OrderPage = ReplyOf<'orders'>;
export type OrderRow = OrderPage['rows'][number];
export type GrantPage = ReplyOf<'grants'>;
export type GrantRow = GrantPage['rows'][number];

/** Orders, the newest first. The feed changes those in view; one that is new comes with the next load. */
export function orderRows(live: Live, status: string | undefined, count: number): Resource<OrderPage> {
  return createResource<OrderPage>(
    (signal) => live.authority.call('orders', isOrderPage, { query: { status, limit: String(count) }, signal }),
    (page, changes) => ({ ...page, rows: [...upsert(page.rows, 'order', changes, 'known')] }),
  );
}

/** What was given down, and how much of it is unused. */
export function grantRows(live: Live): Resource<GrantPage> {
  return createResource<GrantPage>(
    (signal) => live.authority.call('grants', isGrantPage, { query: { limit: '500' }, signal }),
    (page, changes) => ({ ...page, rows: [...upsert(page.rows, 'grant', changes, 'append')] }),
  );
}

/** An address that a person may be sent to: of a payment page, never of anything else. */
export function payPage(url: string | null): string | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  return new URL(url).protocol === 'https:' ? url : undefined;
}
