import { createHmac } from 'node:crypto';
import { MINIMUM_WEIGHT, weightOf } from './match.js';
import type { ComponentHashes, ComponentName } from './match.js';
import { PARTS } from './probes/reading.js';
import type { Part, Reading, Source } from './probes/reading.js';

/** What is known of one part. The hash is keyed by the salt: without it nobody finds the serial by trying all of them.
 * `of: 'host'`: seen from inside a container, it belongs to the host and tells two containers apart as little as their
 * address does. */
export type Component =
  | { readonly state: 'value'; readonly hash: string; readonly of: 'machine' | 'host' }
  | { readonly state: 'absent' }
  | { readonly state: 'not_permitted' };

export type Components = Readonly<Partial<Record<ComponentName, Component>>>;

/** - `known`: its parts tell it from others;
 * - `ambiguous`: they may be shared with others, and only the lease chain tells;
 * - `unknown`: there is none. It is never made up from a host name or from nothing. */
export interface Identity {
  readonly state: 'known' | 'ambiguous' | 'unknown';
  readonly reason: 'PARTS_FOUND' | 'INSTANCE_ID' | 'CONTAINER_WITHOUT_INSTANCE_ID' | 'TOO_FEW_PARTS' | 'NO_PARTS';
}

/** HMAC-SHA256 under the salt, base64url. The part's name goes in, so that equal texts in two parts do not look equal. */
export function keyedHash(salt: string | Uint8Array, name: string, raw: string): string {
  return createHmac('sha256', salt).update(`${name}\0${raw.trim().toLowerCase()}`).digest('base64url');
}

export function hashSource(salt: string | Uint8Array, name: string, source: Source, of: 'machine' | 'host'): Component {
  return source.state === 'value' ? { state: 'value', hash: keyedHash(salt, name, source.raw), of } : source;
}

/** Hashes what the probe read. Inside a container only the machine id and the injected id are its own. */
export function hashParts(reading: Reading, salt: string | Uint8Array, instanceId: string | undefined): Components {
  const contained = reading.signs.container !== undefined;
  const own = (part: Part): 'machine' | 'host' => (contained && part !== 'machine_id' ? 'host' : 'machine');
  const parts = PARTS.map((part) => [part, hashSource(salt, part, reading.parts[part], own(part))] as const);
  const injected = instanceId?.trim();
  return {
    ...(Object.fromEntries(parts) as Record<Part, Component>),
    ...(injected === undefined || injected === ''
      ? {}
      : { instance_id: { state: 'value', hash: keyedHash(salt, 'instance_id', injected), of: 'machine' } }),
  };
}

/** What travels and is compared: the machine's own hashes. */
export function componentHashes(components: Components): ComponentHashes {
  const own = Object.entries(components).flatMap(([name, component]) =>
    component.state === 'value' && component.of === 'machine' ? [[name, component.hash] as const] : [],
  );
  return Object.fromEntries(own);
}

export function judgeIdentity(components: Components, contained: boolean): Identity {
  const own = Object.keys(componentHashes(components));
  if (own.includes('instance_id')) return { state: 'known', reason: 'INSTANCE_ID' };
  if (contained) return { state: 'ambiguous', reason: 'CONTAINER_WITHOUT_INSTANCE_ID' };
  const weight = own.reduce((sum, name) => sum + weightOf(name), 0);
  if (weight >= MINIMUM_WEIGHT) return { state: 'known', reason: 'PARTS_FOUND' };
  return weight > 0 ? { state: 'ambiguous', reason: 'TOO_FEW_PARTS' } : { state: 'unknown', reason: 'NO_PARTS' };
}

/** What sealed files are bound to: the injected id, else the machine id, which every user may read and which no change of
 * hardware touches; empty where there is neither. A container's own machine id goes with its image, so it binds nothing. */
export function stateBinding(components: Components, contained: boolean): string {
  const part = components.instance_id ?? (contained ? undefined : components.machine_id);
  return part?.state === 'value' ? part.hash : '';
}
