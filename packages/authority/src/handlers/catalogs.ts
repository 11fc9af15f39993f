import { LeaseholdError } from '@leasehold/protocol';
import type { Call, Handler } from '../call.js';
import { changed, param } from './change.js';

type CatalogRoute = 'catalogs' | 'catalog' | 'catalogUpload' | 'catalogActivate' | 'catalogRollBack';

/** A vendor's own catalogs. */
export const catalogHandlers: { readonly [R in CatalogRoute]: Handler<R> } = {
  catalogs: ({ services: { store, account } }) => store.read('catalogs', { account }),
  catalog: async (call) => {
    const { store, account } = call.services;
    return store.read('catalog', { account, version: versionOf(call) });
  },
  catalogUpload: (call) => changed(call, 'catalogUpload', { catalog: call.body.catalog }),
  catalogActivate: async (call) => changed(call, 'catalogActivate', { version: versionOf(call) }),
  catalogRollBack: (call) => changed(call, 'catalogRollBack', { profile: call.body.profile }),
};

function versionOf(call: Call<'catalog'> | Call<'catalogActivate'>): number {
  const text = param(call, 'version');
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new LeaseholdError('INPUT_INVALID', 'A version of a catalog is a whole number.', {
    path: 'params.version',
    remedy: 'Take one of the versions that are listed: leasehold admin catalogs.',
  });
}
