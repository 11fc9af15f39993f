import { filter, nothing, one, type Flow } from './flow.js';
import { membersOf, readCount } from './values.js';

/** Webhooks and mail. */
export const DELIVERY_FLOWS: Readonly<Record<string, Flow>> = {
  subscriptions: { summary: 'List webhooks and mailboxes', route: 'subscriptions' },
  'subscription create': {
    summary: 'Send events to a webhook or a mailbox; shows its secret this once',
    route: 'subscriptionCreate',
    options: {
      kind: { what: 'webhook or mail', value: 'KIND', required: true },
      name: { what: 'Its name', value: 'NAME', required: true },
      target: { what: 'https address, or mail address', value: 'TARGET', required: true },
      event: { what: 'Type of event, its beginning (instance.), or * for all', value: 'TYPE', many: true },
    },
    body: (given) => ({
      ...membersOf(given, { kind: 'kind', name: 'name', target: 'target' }),
      events: given.has('event') ? given.all('event') : ['*'],
    }),
  },
  'subscription rotate': {
    summary: 'Give a webhook a new secret; shows it this once',
    route: 'subscriptionRotate',
    ...one('subscription'),
    options: { overlap: { what: 'Hours for which the old one signs too (24)', value: 'HOURS' } },
    body: (given) => ({ overlapHours: readCount(given, 'overlap', 24) }),
  },
  'subscription delete': {
    summary: 'Send it nothing more',
    route: 'subscriptionDelete',
    ...one('subscription'),
  },
  deliveries: {
    summary: 'What was sent, waits or died',
    route: 'deliveries',
    options: filter('state', 'subscription'),
  },
  'delivery replay': { summary: 'Send one again', route: 'deliveryReplay', ...one('delivery'), body: nothing },
};
