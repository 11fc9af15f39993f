import { LeaseholdError, type ReplyOf } from '@leasehold/protocol';
import { drawSecret, freshId, pageOf, type Call, type Handler } from '../serving/call.js';
import { chosen, wordsOf } from '../serving/choices.js';
import { leadsInside } from '../delivery/private-networks.js';
import type { deliveryCommands } from '../delivery/subscriptions.js';
import type { Settings } from '../options.js';
import { changed, param } from './change.js';

const HOUR = 3_600_000;

const STATES = wordsOf('DeliveryRow', 'state');

type DeliveryRoute = keyof typeof deliveryCommands | 'subscriptions' | 'deliveries';

/** Webhooks and mail. */
export const deliveryHandlers: { readonly [R in DeliveryRoute]: Handler<R> } = {
  subscriptions: ({ services: { store, account } }) => store.read('subscriptions', { account }),
  deliveries: (call) => {
    const { subscription = null } = call.query;
    const state = chosen(call.query, 'state', STATES);
    return call.services.store.read('deliveries', { ...pageOf(call), state, subscription });
  },
  async subscriptionCreate(call) {
    const { kind, name, target, events } = call.body;
    if (kind === 'mail' && call.services.settings.mail === undefined) {
      throw new LeaseholdError('CONFLICT', 'This authority has no mail server.', {
        path: 'body.kind',
        remedy: 'Start it with one: leasehold serve --mail FILE.',
      });
    }
    if (kind === 'webhook') assertReachable(target, call.services.settings);
    const id = freshId(call, 'sub');
    const secret = kind === 'mail' ? null : drawWebhookSecret(call);
    const sealed = secret === null ? null : call.services.keyring.sealSecret(id, secret);
    return withSecret(
      await changed(call, 'subscriptionCreate', { id, kind, name, target, events, secret: sealed }),
      secret,
    );
  },
  async subscriptionRotate(call) {
    const secret = drawWebhookSecret(call);
    const oldUntil = call.now + (call.body.overlapHours ?? 24) * HOUR;
    const id = param(call, 'subscription');
    const sealed = call.services.keyring.sealSecret(id, secret);
    return withSecret(await changed(call, 'subscriptionRotate', { id, secret: sealed, oldUntil }), secret);
  },
  subscriptionDelete: (call) => changed(call, 'subscriptionDelete', { id: param(call, 'subscription') }),
  deliveryReplay: (call) => changed(call, 'deliveryReplay', { id: param(call, 'delivery') }),
};

/** Nothing would ever be delivered there, and nobody would know before the first event is dead. @throws LeaseholdError
 * INPUT_INVALID; what is no address at all is refused with the rest of its form */
function assertReachable(target: string, { webhookPrivateNetworks }: Settings): void {
  if (webhookPrivateNetworks || !URL.canParse(target) || !leadsInside(new URL(target))) return;
  throw new LeaseholdError('INPUT_INVALID', 'This authority sends nothing by plain http or into private networks.', {
    path: 'body.target',
    remedy: 'Name an https address on the Internet, or start it with leasehold serve --webhook-private-networks.',
  });
}

function drawWebhookSecret(call: Call<'subscriptionCreate'> | Call<'subscriptionRotate'>): string {
  return `whsec_${Buffer.from(drawSecret(call, 32, 'webhook')).toString('base64')}`;
}

function withSecret(reply: ReplyOf<'poolCreate'>, secret: string | null): ReplyOf<'subscriptionCreate'> {
  return reply.dryRun || secret === null ? reply : { ...reply, secret };
}
