import { isCodePage, isLicensePage, isMediaPage, isRefusalPage, isSessionPage } from '@leasehold/protocol/guards';
import type { Live } from './live.js';
import { createResource, type Resource } from './resource.js';
import type { CodeRow, LicenseRow, MediaRow, RefusalRow, SessionRow } from './rows.js';
import { upsert } from './tables.js';

/** A page that fills a screen; what is older is in the activity. */
const LIMIT = '100';

export function sessionRows(live: Live): Resource<readonly SessionRow[]> {
  return createResource<readonly SessionRow[]>(
    async (signal) => (await live.authority.call('sessions', isSessionPage, { query: { limit: LIMIT }, signal })).rows,
    (rows, changes) => upsert(rows, 'session', changes, 'append'),
  );
}

export function refusalRows(live: Live): Resource<readonly RefusalRow[]> {
  return createResource<readonly RefusalRow[]>(
    async (signal) => (await live.authority.call('refusals', isRefusalPage, { query: { limit: LIMIT }, signal })).rows,
    (rows, changes) => upsert(rows, 'refusal', changes, 'append'),
  );
}

export function mediaRows(live: Live): Resource<readonly MediaRow[]> {
  return createResource<readonly MediaRow[]>(
    async (signal) => (await live.authority.call('media', isMediaPage, { query: { limit: '500' }, signal })).rows,
    (rows, changes) => upsert(rows, 'media', changes, 'append'),
  );
}

/** Licenses that one technician works with at a time (AIP-9.4). */
export function itProLicenses(live: Live): Resource<readonly LicenseRow[]> {
  const query = { type: 'it_pro', kind: 'commercial', limit: LIMIT };
  return createResource<readonly LicenseRow[]>(
    async (signal) => (await live.authority.call('licenses', isLicensePage, { query, signal })).rows,
    (rows, changes) => upsert(rows, 'license', changes, 'known'),
  );
}

/** One-time codes that were given, the last first; the codes themselves are nowhere kept. */
export function givenCodes(live: Live): Resource<readonly CodeRow[]> {
  return createResource<readonly CodeRow[]>(
    async (signal) => (await live.authority.call('codes', isCodePage, { query: { limit: '20' }, signal })).rows,
  );
}

/** A session holds its seat while it is live, or finishing after someone ended it. */
export const isHolding = ({ status }: SessionRow): boolean => status === 'live' || status === 'finishing';

/** Wide and narrow letters, large and small ones are the same to who searches. */
const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Does any of the texts contain what is searched? */
export function matches(search: string, texts: readonly (string | null)[]): boolean {
  const wanted = folded(search);
  return texts.some((text) => folded(text ?? '').includes(wanted));
}
