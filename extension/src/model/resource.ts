import { signal, type Signal } from '@preact/signals';
import { LeaseholdError } from '@leasehold/protocol';
import type { RowChange } from './rows.js';

/** Something a page shows: loaded once, kept true by the feed's rows, loaded again where counts may have moved. */
export interface Resource<T> {
  readonly data: Signal<T | undefined>;
  readonly problem: Signal<LeaseholdError | undefined>;
  readonly loading: Signal<boolean>;
  load(): Promise<void>;
  /** Applies rows at once and asks the authority soon after. */
  changed(changes: readonly RowChange[]): void;
  close(): void;
}

/** The least time between two loads that the feed causes. */
const CALM_MS = 700;

/** `load` asks the authority; `apply` puts changed rows into what is shown. A newer load replaces an older one. */
export function createResource<T>(
  load: (signal: AbortSignal) => Promise<T>,
  apply: (data: T, changes: readonly RowChange[]) => T = (data) => data,
): Resource<T> {
  const data = signal<T | undefined>(undefined);
  const problem = signal<LeaseholdError | undefined>(undefined);
  const loading = signal(false);
  let running = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastLoad = -Infinity;

  const resource: Resource<T> = {
    data,
    problem,
    loading,
    async load() {
      clearTimeout(timer);
      timer = undefined;
      running.abort();
      const mine = new AbortController();
      running = mine;
      lastLoad = performance.now();
      loading.value = true;
      try {
        const loaded = await load(mine.signal);
        if (mine.signal.aborted) return;
        data.value = loaded;
        problem.value = undefined;
      } catch (error) {
        if (mine.signal.aborted) return;
        problem.value = LeaseholdError.is(error) ? error : new LeaseholdError('INTERNAL', String(error));
      } finally {
        if (running === mine) loading.value = false;
      }
    },
    changed(changes) {
      if (data.value !== undefined) data.value = apply(data.value, changes);
      if (timer !== undefined) return;
      const wait = Math.max(0, lastLoad + CALM_MS - performance.now());
      timer = setTimeout(() => void resource.load(), wait);
    },
    close() {
      clearTimeout(timer);
      running.abort();
    },
  };
  return resource;
}
