import type { Evidence } from './evidence.js';
import type { Signs } from './probes/reading.js';

export interface BootMedium {
  /** Started from a medium (stick, disc, network image), from its own disk, or not told. */
  readonly startedFrom: 'medium' | 'disk' | 'unknown';
  /** What kind of medium (AIP-9.2 asks for it); null where it is none. */
  readonly base: 'linux' | 'winpe' | null;
  readonly how: readonly Evidence[];
}

/** What live systems put on their kernel command line. */
const LIVE_WORDS =
  /(^|\s)(boot=(live|casper)|rd\.live\.(image|dir)|root=live:|archisobasedir=|archisolabel=|live-media)/;
const MEDIUM_FILE_SYSTEMS = new Set(['squashfs', 'iso9660', 'udf', 'rootfs', 'ramfs', 'tmpfs', 'erofs']);

/** Did this system start from a boot medium? In a container the question has no answer: its root is an image too. */
export function judgeBootMedium(signs: Signs): BootMedium {
  if (signs.preinstallation === true) return medium('winpe', 'registry', 'pre-installation environment');
  if (signs.container !== undefined) return { startedFrom: 'unknown', base: null, how: [] };
  if (LIVE_WORDS.test(signs.kernelCommandLine ?? '')) return medium('linux', 'kernel command line', 'live system');
  const root = signs.rootFileSystem;
  if (root === undefined) return { startedFrom: 'unknown', base: null, how: [] };
  if (MEDIUM_FILE_SYSTEMS.has(root.type)) return medium('linux', 'root file system', root.type);
  return {
    startedFrom: root.onDisk ? 'disk' : 'unknown',
    base: null,
    how: [{ source: 'root file system', says: root.type }],
  };
}

function medium(base: 'linux' | 'winpe', source: string, says: string): BootMedium {
  return { startedFrom: 'medium', base, how: [{ source, says }] };
}
