import { useEffect, useMemo } from 'preact/hooks';
import type { Live } from '../model/live.js';
import type { Resource } from '../model/resource.js';

/** Opens a resource while a component shows it; another key is another resource. */
export function useResource<T>(live: Live, key: string, create: () => Resource<T>): Resource<T> {
  // The key stands for everything that `create` reads.
  const resource = useMemo(create, [live, key]);
  useEffect(() => {
    live.open(resource);
    return () => live.drop(resource);
  }, [live, resource]);
  return resource;
}
