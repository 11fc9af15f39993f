import { AGENT_ROUTES } from './agent-routes.js';
import { CATALOG_ROUTES } from './catalog-routes.js';
import { CONSOLE_ROUTES } from './console-routes.js';
import { ENROLLMENT_ROUTES } from './enrollment-routes.js';
import { LICENSE_ROUTES } from './license-routes.js';
import { MACHINE_ROUTES } from './machine-routes.js';
import { DELIVERY_ROUTES } from './delivery-routes.js';
import { OPERATION_ROUTES } from './operation-routes.js';
import { ORDER_ROUTES } from './order-routes.js';
import { TECHNICIAN_ROUTES } from './technician-routes.js';
import type { Message, SchemaName } from './route-row.js';

/** Every call of the product. Server, SDK, CLI, console and OpenAPI document read this table; no path stands elsewhere. */
export const ROUTES = {
  ...AGENT_ROUTES,
  ...CATALOG_ROUTES,
  ...CONSOLE_ROUTES,
  ...LICENSE_ROUTES,
  ...MACHINE_ROUTES,
  ...DELIVERY_ROUTES,
  ...ENROLLMENT_ROUTES,
  ...OPERATION_ROUTES,
  ...ORDER_ROUTES,
  ...TECHNICIAN_ROUTES,
} as const;

export type RouteName = keyof typeof ROUTES;
export type RequestOf<R extends RouteName> = (typeof ROUTES)[R] extends { request: infer S extends SchemaName }
  ? Message<S>
  : undefined;
export type ReplyOf<R extends RouteName> = Message<(typeof ROUTES)[R]['reply']>;

/** Fills the `:name` parts of a route's path. A missing one is a programming error. */
export function pathOf(route: RouteName, params: Readonly<Record<string, string>> = {}): string {
  return ROUTES[route].path.replaceAll(/:(\w+)/g, (_match, name: string) => {
    const value = params[name];
    if (value === undefined) throw new TypeError(`${route} needs the path parameter ${name}`);
    return encodeURIComponent(value);
  });
}
