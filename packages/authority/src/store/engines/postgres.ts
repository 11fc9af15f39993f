import type { Registry } from '../registry.js';
import type { Store } from '../store.js';

export async function openPostgres<R extends Registry>(_url: string, _registry: R, _s: object): Promise<Store<R>> {
  throw new Error('not here yet');
}
