import { request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { leadsInside, publicLookup } from './private-networks.js';
import type { Services } from '../services.js';
import type { Delivery, Ended } from './queue.js';

const PATIENCE = 15_000;

/** Posts one event, signed by the Standard Webhooks scheme. While a secret is being rotated both sign. Redirects are not
 * followed: an address that was checked leads nowhere else. */
export async function postWebhook(
  { id, subscription }: Delivery,
  body: string,
  now: number,
  { keyring, settings: { webhookPrivateNetworks: privateNetworks } }: Pick<Services, 'keyring' | 'settings'>,
): Promise<Ended> {
  const url = new URL(subscription.target);
  if (!privateNetworks && leadsInside(url)) {
    return { kind: 'failed', problem: 'The address is in a private network; see serve --webhook-private-networks.' };
  }
  const at = new Date(now);
  const secrets = [
    subscription.secret,
    (subscription.old_secret_until ?? 0) > now ? subscription.old_secret : null,
  ].flatMap((sealed) => (sealed === null ? [] : (keyring.openSecret(subscription.id, sealed) ?? [])));
  if (secrets.length === 0) {
    return { kind: 'failed', problem: 'The key folder has no key for the secret of this webhook: rotate it.' };
  }
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Leasehold',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
  const lookup = privateNetworks ? {} : { lookup: publicLookup };
  return new Promise<Ended>((resolve) => {
    const send = url.protocol === 'https:' ? secureRequest : plainRequest;
    const request = send(url, { method: 'POST', headers, agent: false, ...lookup }, (response) => {
      response.destroy();
      resolve(judge(response.statusCode ?? 0));
    });
    // For all of it, not between two bytes: whoever answers in drops would hold up what goes to everyone else.
    const late = setTimeout(() => request.destroy(new Error('no answer in time')), PATIENCE);
    request.on('close', () => clearTimeout(late));
    request.on('error', (error) => resolve({ kind: 'failed', problem: error.message }));
    request.end(body);
  });
}

function judge(status: number): Ended {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  return status === 410 ? { kind: 'gone' } : { kind: 'failed', problem: `The receiver answered ${status}.` };
}
