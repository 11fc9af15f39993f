import type { Message, RequestOf } from '@leasehold/protocol';
import type { Asking } from './contact.js';
import type { Holding } from './license-document.js';

/** Which link of the lease chain a request is. */
interface Link {
  readonly parent: string | null;
  readonly nonce: string;
}

/** What a seat is asked for with. */
export function activationBody(
  parts: Pick<Asking, 'settings' | 'machine' | 'clock'>,
  { licenseKey, chain }: { readonly licenseKey: string; readonly chain: Link },
): RequestOf<'activate'> {
  const { product, version } = parts.settings;
  return {
    licenseKey,
    product,
    version,
    chain: { parent: chain.parent, nonce: chain.nonce },
    machine: { utcOffsetMinutes: utcOffset(parts), ...parts.machine() },
    ...serverReport(parts),
  };
}

/** What a lease is renewed with; usage and refusals ride along. */
export function checkInBody(
  parts: Omit<Asking, 'chain'>,
  held: {
    readonly holding: Holding;
    readonly chain: Link;
    readonly lineage: string | undefined;
    readonly entitlementsDigest: string | null;
  },
): RequestOf<'checkIn'> {
  const { settings, trust, machine, usage, refusals } = parts;
  const { holding, chain, lineage, entitlementsDigest } = held;
  const [usageBatch, refused] = [usage.batch(), refusals.batch];
  const keyset = trust.keyset?.claims;
  return {
    instance: holding.instance,
    product: settings.product,
    version: settings.version,
    chain: { parent: chain.parent, nonce: chain.nonce },
    lease: holding.lease,
    machine: { utcOffsetMinutes: utcOffset(parts), ...machine() },
    ...serverReport(parts),
    ...(usageBatch === undefined ? {} : { usage: usageBatch }),
    ...(refused.length === 0 ? {} : { refusals: refused }),
    ...(lineage === undefined ? {} : { lineage }),
    entitlementsDigest,
    keysetVersion: { epoch: keyset?.epoch ?? 0, version: keyset?.version ?? 0 },
  };
}

/** As it is today: it changes with the seasons. */
function utcOffset({ clock }: Pick<Asking, 'clock'>): number {
  return offsetAt(clock.read().now);
}

/** Minutes that local time is ahead of UTC at an instant. */
export function offsetAt(at: number): number {
  return -new Date(at).getTimezoneOffset();
}

function serverReport(parts: Pick<Asking, 'settings' | 'clock'>): { readonly server?: Message<'ServerReport'> } {
  const { version, server } = parts.settings;
  return server === undefined
    ? {}
    : { server: { version, used: { ...server().used }, utcOffsetMinutes: utcOffset(parts) } };
}
