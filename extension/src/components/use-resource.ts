import { useEffect, useMemo } from 'preact/hooks';
import type { Live } from '../model/live.js';
import type { Resource } from '../model/resource.js';

/** Opens a resource while a component shows it; another key is another resource. A page that is opened while nothing
 * answers shows what it showed when it was left. */
export function useResource<T>(live: Live, key: string, create: () => Resource<T>): Resource<T> {
  // The key stands for everything that `create` reads.
  const resource = useMemo(() => {
    const made = create();
    made.data.value ??= live.leftUnder(key) as T | undefined;
    return made;
  }, [live, key]);
  useEffect(() => {
    live.open(resource);
    return () => live.drop(resource, key);
  }, [live, resource]);
  return resource;
}
