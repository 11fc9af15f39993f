import type { IncomingMessage } from 'node:http';
import { ABSENT } from './reading.js';
import type { Source } from './reading.js';

/** Where a cloud tells an instance its id, and what each asks for so that no redirected request gets an answer. */
const SERVICES: Readonly<
  Record<string, { readonly path: string; readonly headers: Readonly<Record<string, string>> }>
> = {
  aws: { path: '/latest/meta-data/instance-id', headers: {} },
  azure: {
    path: '/metadata/instance/compute/vmId?api-version=2021-02-01&format=text',
    headers: { Metadata: 'true' },
  },
  gcp: { path: '/computeMetadata/v1/instance/id', headers: { 'Metadata-Flavor': 'Google' } },
  oci: { path: '/opc/v2/instance/id', headers: { Authorization: 'Bearer Oracle' } },
  digitalocean: { path: '/metadata/v1/id', headers: {} },
  hetzner: { path: '/hetzner/v1/metadata/instance-id', headers: {} },
};
/** AWS answers only who fetched a token before, which a redirected request cannot. */
const AWS_TOKEN = { path: '/latest/api/token', header: 'X-aws-ec2-metadata-token' };

export interface MetadataOptions {
  /** The link-local address of all of them, unless a test gives another. */
  readonly origin?: string;
  /** Milliseconds, for all of it: an address that is blocked is a black hole. */
  readonly timeoutMs?: number;
}

/** The id that a cloud gives this instance, asked of its metadata service. Only for a machine whose firmware says that it
 * is in that cloud; never throws, and never through a proxy. */
export async function readInstanceId(provider: string | null, options: MetadataOptions = {}): Promise<Source> {
  const service = SERVICES[provider ?? ''];
  if (service === undefined) return ABSENT;
  const { origin = 'http://169.254.169.254', timeoutMs = 300 } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const token = provider === 'aws' ? await fetchToken(origin, signal) : {};
    const raw = await ask(origin + service.path, 'GET', { ...service.headers, ...token }, signal);
    return /^[\w.-]{4,128}$/.test(raw) ? { state: 'value', raw } : ABSENT;
  } catch {
    return ABSENT;
  }
}

async function fetchToken(origin: string, signal: AbortSignal): Promise<Record<string, string>> {
  const lasts = { [`${AWS_TOKEN.header}-ttl-seconds`]: '60' };
  return { [AWS_TOKEN.header]: await ask(origin + AWS_TOKEN.path, 'PUT', lasts, signal) };
}

async function ask(
  url: string,
  method: 'GET' | 'PUT',
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string> {
  const { request } = await import('node:http');
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method, headers, signal, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  for await (const part of reply.setEncoding('utf8')) {
    text += String(part);
    if (text.length > 1024) throw new RangeError('No id is that long.');
  }
  if (reply.statusCode !== 200) throw new Error(`The metadata service answers ${reply.statusCode}.`);
  return text.trim();
}
