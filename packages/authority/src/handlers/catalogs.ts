import { LeaseholdError } from '@leasehold/protocol';
import { readPolicy } from '../accounts/policy.js';
import type { Call, Handler } from '../serving/call.js';
import type { catalogCommands } from '../catalogs/commands.js';
import { changed, param } from './change.js';

type CatalogRoute = 'catalogs' | 'catalog' | 'policy' | keyof typeof catalogCommands;

/** A vendor's own catalogs, and the switches of the account. */
export const catalogHandlers: { readonly [R in CatalogRoute]: Handler<R> } = {
  catalogs: ({ services: { store, account } }) => store.read('catalogs', { account }),
  catalog: async (call) => {
    const { store, account } = call.services;
    return store.read('catalog', { account, version: versionOf(call) });
  },
  policy: async ({ services: { store, account } }) => {
    return { policy: { ...(await store.read('account', { account })).policy } };
  },
  policySet: (call) => changed(call, 'policySet', { policy: readPolicy(call.body.policy) }),
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
