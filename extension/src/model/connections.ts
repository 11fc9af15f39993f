import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { connectionsFrom, readConnections, type SavedConnection } from '../connection/saved.js';
import type { Platform } from '../platform.js';
import { startClock } from './clock.js';
import { choose, loadPreferences, preferences } from './preferences.js';

/** The connections of this browser; undefined until storage has answered. */
export const connections: Signal<readonly SavedConnection[] | undefined> = signal(undefined);

/** The one that pages show. */
export const active: ReadonlySignal<SavedConnection | undefined> = computed(() => {
  const all = connections.value ?? [];
  return all.find((each) => each.id === preferences.value.active) ?? all[0];
});

/** What every page starts with: the reader's choices, the connections, a clock. */
export async function startPage(platform: Platform): Promise<void> {
  const [saved] = await Promise.all([readConnections(platform), loadPreferences(platform)]);
  connections.value = saved;
  platform.watch((changed) => {
    if ('connections' in changed) connections.value = connectionsFrom(changed['connections']);
  });
  startClock();
}

export const show = (platform: Platform, id: string): Promise<void> => choose(platform, { active: id });
