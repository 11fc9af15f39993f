import type { Inventory, InventoryProvider } from './model.js';

/** Reads several places as one. Where one fails, all do: a part of the hosts would look as if the others had gone. */
export async function readAll(providers: readonly InventoryProvider[], signal?: AbortSignal): Promise<Inventory> {
  const found = await Promise.all(providers.map((provider) => provider.read(signal)));
  return {
    hosts: found.flatMap(({ hosts }) => hosts),
    clusters: found.flatMap(({ clusters }) => clusters),
    silent: found.flatMap(({ silent }) => silent),
    inaccessible: found.flatMap(({ inaccessible = [] }) => inaccessible),
  };
}

/** Asks for each with at most `width` at once; the first failure ends it. */
export async function eachOf<T, R>(items: readonly T[], width: number, ask: (item: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = Array.from({ length: items.length });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      answers[at] = await ask(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
  return answers;
}
