import type { RouteRow } from './route-row.js';

/** Webhooks and mail: who gets what, and what became of it. */
export const DELIVERY_ROUTES = {
  subscriptions: {
    method: 'GET',
    path: '/v1/admin/subscriptions',
    access: 'operator',
    scope: 'account',
    reply: 'SubscriptionList',
    summary: 'Webhooks and mailboxes',
  },
  subscriptionCreate: {
    method: 'POST',
    path: '/v1/admin/subscriptions',
    access: 'owner',
    scope: 'account',
    request: 'SubscriptionCreate',
    reply: 'SubscriptionCreated',
    summary: 'Send events to a webhook or a mailbox',
  },
  subscriptionRotate: {
    method: 'POST',
    path: '/v1/admin/subscriptions/:subscription/rotate',
    access: 'owner',
    scope: 'account',
    request: 'SubscriptionRotate',
    reply: 'SubscriptionCreated',
    summary: 'Give a webhook a new secret; the old one signs too for a while',
  },
  subscriptionDelete: {
    method: 'DELETE',
    path: '/v1/admin/subscriptions/:subscription',
    access: 'owner',
    scope: 'account',
    request: 'DryRunOnly',
    reply: 'ChangeReply',
    summary: 'Send nothing more',
  },
  deliveries: {
    method: 'GET',
    path: '/v1/admin/deliveries',
    access: 'operator',
    scope: 'account',
    reply: 'DeliveryPage',
    query: ['after', 'limit', 'state', 'subscription'],
    summary: 'What was sent, waits or died',
  },
  deliveryReplay: {
    method: 'POST',
    path: '/v1/admin/deliveries/:delivery/replay',
    access: 'operator',
    scope: 'account',
    request: 'DryRunOnly',
    reply: 'ChangeReply',
    summary: 'Send one again, under the same id',
  },
} as const satisfies Record<string, RouteRow>;
