import type { RouteRow } from './route-row.js';

/** A vendor's own rules: versions kept, one in force in each profile. */
export const CATALOG_ROUTES = {
  catalogs: {
    method: 'GET',
    path: '/v1/admin/catalogs',
    access: 'owner',
    scope: 'account',
    reply: 'CatalogList',
    summary: 'Catalogs of your own: every version, and which are in force',
  },
  catalog: {
    method: 'GET',
    path: '/v1/admin/catalogs/:version',
    access: 'owner',
    scope: 'account',
    reply: 'CatalogDetail',
    summary: 'One version with all that it says',
  },
  catalogUpload: {
    method: 'POST',
    path: '/v1/admin/catalogs',
    access: 'owner',
    scope: 'account',
    request: 'CatalogUpload',
    reply: 'ChangeReply',
    summary: 'Check a catalog and keep it as the next version; nothing is decided by it yet',
  },
  catalogActivate: {
    method: 'POST',
    path: '/v1/admin/catalogs/:version/activate',
    access: 'owner',
    scope: 'account',
    request: 'DryRunOnly',
    reply: 'ChangeReply',
    summary: 'Let a version decide; the dry run names whose decisions change',
  },
  catalogRollBack: {
    method: 'POST',
    path: '/v1/admin/catalogs/roll-back',
    access: 'owner',
    scope: 'account',
    request: 'CatalogRollBack',
    reply: 'ChangeReply',
    summary: 'Put back what was in force before; the dry run names whose decisions change',
  },
} as const satisfies Record<string, RouteRow>;
