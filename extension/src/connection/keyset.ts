import { isKeysetReply } from '@leasehold/protocol/guards';
import { LeaseholdError, thumbprint, verifyKeyset, type PublicJwk } from '@leasehold/protocol';
import type { Platform } from '../platform.js';
import type { Authority } from './authority.js';
import { ed25519 } from './ed25519.js';
import { learn, readTrust, type SavedConnection, type Stop, type StopCode } from './saved.js';

export type Keyset = Awaited<ReturnType<typeof verifyKeyset>>;

/** The authority, or someone in its place, is not what was pinned. Stops the connection until a person decides. */
export class TrustBroken extends Error {
  readonly code: StopCode;

  constructor(code: StopCode, detail: string) {
    super(detail);
    this.name = 'TrustBroken';
    this.code = code;
  }
}

/** Pinned roots as keys, each named by its thumbprint (RFC 7638). */
export async function rootsOf(roots: readonly string[]): Promise<(PublicJwk & { readonly kid: string })[]> {
  return Promise.all(
    roots.map(async (x) => {
      const jwk = { kty: 'OKP', crv: 'Ed25519', x } as const;
      return { ...jwk, kid: await thumbprint(jwk) };
    }),
  );
}

/** Fetches the keyset and verifies it under the pinned roots, not older than the highest seen. Rejects with TrustBroken,
 * or with the LeaseholdError of the call. */
export async function fetchKeyset(
  authority: Authority,
  roots: readonly string[],
  highest?: { readonly epoch: number; readonly version: number },
): Promise<Keyset> {
  const { keyset } = await authority.call('keyset', isKeysetReply);
  return genuine(async () => verifyKeyset(keyset, await rootsOf(roots), ed25519, highest));
}

/** The keyset of a saved connection; what was learned is remembered for the next start. */
export async function trustedKeyset(
  platform: Platform,
  connection: SavedConnection,
  authority: Authority,
): Promise<Keyset> {
  const before = await readTrust(platform, connection.id);
  const keyset = await fetchKeyset(authority, connection.roots, before.keyset);
  const { epoch, version } = keyset;
  if (before.keyset?.epoch !== epoch || before.keyset.version !== version) {
    await learn(platform, connection.id, (trust) => ({ ...trust, keyset: { epoch, version } }));
  }
  return keyset;
}

/** Runs a verification: whatever it finds wrong is broken trust, never a passing failure. */
export async function genuine<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (!LeaseholdError.is(error)) throw error;
    const code = error.code === 'WRONG_ROOT' || error.code === 'KEYSET_ROLLBACK' ? error.code : 'NOT_GENUINE';
    throw new TrustBroken(code, error.message);
  }
}

/** Remembers why a connection was stopped, so that the next page and the worker keep it stopped. */
export async function rememberStop(platform: Platform, id: string, broken: TrustBroken, now: number): Promise<Stop> {
  const stop = { code: broken.code, detail: broken.message, at: now };
  await learn(platform, id, (trust) => ({ ...trust, stop }));
  return stop;
}
