import type { Fingerprint } from '@leasehold/fingerprint';
import type { LeaseClaims } from '@leasehold/protocol';
import { hasActivation } from './lease/activation-key.js';
import type { Settings } from './options.js';
import type { Sent } from './sent.js';
import type { Status } from './status.js';
import type { UsageHealth } from './usage/usage-outbox.js';

/** What the vendor's support needs and may see: hashes and classes of the machine, claims of the lease. No key, no token,
 * no secret, no path below the state folder, nothing raw. */
export interface Diagnostics {
  readonly status: Status;
  readonly usage: UsageHealth;
  readonly machine: Fingerprint;
  readonly lease: LeaseClaims | null;
  readonly sent: Sent;
  readonly settings: {
    readonly authority: string | null;
    readonly stateDir: string;
    readonly roots: readonly string[];
    readonly hasActivationKey: boolean;
    readonly ownCa: boolean;
    readonly ownSecretStore: boolean;
  };
  readonly runtime: { readonly node: string; readonly platform: string; readonly arch: string };
}

export function diagnosticsOf(parts: {
  readonly status: Status;
  readonly usage: UsageHealth;
  readonly machine: Fingerprint;
  readonly lease: LeaseClaims | null;
  readonly sent: Sent;
  readonly settings: Settings;
}): Diagnostics {
  const { settings, ...rest } = parts;
  const { authority, stateDir, roots, ca, secrets } = settings;
  return {
    ...rest,
    settings: {
      authority: authority ?? null,
      stateDir,
      roots: roots.map(({ kid }) => kid),
      hasActivationKey: hasActivation(settings),
      ownCa: ca !== undefined,
      ownSecretStore: secrets !== undefined,
    },
    runtime: { node: process.version, platform: process.platform, arch: process.arch },
  };
}
