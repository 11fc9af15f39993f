import type { Fingerprint } from '@leasehold/fingerprint';
import type { Sold } from './case-study.js';

/** What this machine needs to be covered, by the rules of the first source. */
export interface Cover {
  readonly license: Omit<Sold, 'validUntil'>;
  /** What the agent is told of its place. */
  readonly settings: { readonly declaredHostId?: string };
  readonly because: string;
}

const BY_OS: Readonly<Record<string, string>> = { windows_server: 'server', windows_client: 'desktop', linux: 'linux' };
const HOST = 'demo-host';

/** A guest is covered by its host (AIP-6.2), a cloud machine by a cloud license, everything else by its own (AIP-0.1). */
export function coverFor({ machine, container }: Fingerprint): Cover {
  const { kind, os } = machine;
  const one = { id: 'this-machine', term: 'subscription', seats: 1 } as const;
  if (kind === 'cloud')
    return { license: { ...one, type: 'cloud' }, settings: {}, because: 'a cloud machine needs a Cloud license' };
  if (kind === 'guest' && container.kind === null) {
    const license = { id: 'host-licenses', type: 'virtual', term: 'perpetual', seats: 4 } as const;
    return {
      license,
      settings: { declaredHostId: HOST },
      because: 'a guest is covered by a Virtual license on its host',
    };
  }
  const type = BY_OS[os] ?? 'server';
  return {
    license: { ...one, type },
    settings: {},
    because: `a machine of its own needs a license for its system (${type})`,
  };
}

/** The host that a guest of the story says it lives on. */
export const DEMO_HOST: string = HOST;
