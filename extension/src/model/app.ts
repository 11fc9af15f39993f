import { computed, effect, signal, type Signal } from '@preact/signals';
import type { SavedConnection } from '../connection/saved.js';
import type { Platform } from '../platform.js';
import { setTimeZone } from '../texts/format.js';
import { active, startPage } from './connections.js';
import { Live } from './live.js';

/** The active connection, live. */
export const live: Signal<Live | undefined> = signal(undefined);

export const role = computed(() => live.value?.me.value?.role ?? 'viewer');
/** May this person change anything? The authority decides; the page only offers no act that would be refused. */
export const canChange = computed(() => role.value !== 'viewer');

/** Loads what is stored, then keeps `live` on the active connection, also when another page changes the list. */
export async function startConsole(platform: Platform): Promise<void> {
  await startPage(platform);
  effect(() => follow(platform, active.value));
  effect(() => setTimeZone(live.value?.me.value?.timeZone));
}

function follow(platform: Platform, connection: SavedConnection | undefined): void {
  const before = live.peek();
  if (isSame(before?.connection, connection)) return;
  before?.close();
  live.value = connection === undefined ? undefined : new Live(platform, connection);
  live.value?.follow();
}

function isSame(a: SavedConnection | undefined, b: SavedConnection | undefined): boolean {
  return a?.id === b?.id && a?.token === b?.token && a?.addedAt === b?.addedAt;
}
