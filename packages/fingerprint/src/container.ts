import type { Evidence } from './evidence.js';
import type { Signs } from './probes/reading.js';

export interface Container {
  /** `docker`, `podman`, `kubernetes`, `lxc`, `containerd` or what the engine calls itself; null outside of any. */
  readonly kind: string | null;
  readonly how: readonly Evidence[];
}

/** In a container or not. Inside one, the hardware that can be seen is the host's and the machine id is the image's. */
export function judgeContainer(signs: Signs): Container {
  if (signs.container === undefined) return { kind: null, how: [] };
  const { kind, source } = signs.container;
  const name = /^[a-z0-9-]{1,24}$/.test(kind) ? kind : 'unknown';
  return { kind: name, how: [{ source, says: name }] };
}
