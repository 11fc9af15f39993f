import type { Citation } from '../catalog.js';

/** A place in the use cases. */
export const use = (section: string, lines: string): Citation => ({ source: 'coverage', section, lines });
/** A default or a field rule. */
export const own = (section: string): Citation => ({
  source: section.startsWith('F') ? 'field' : 'defaults',
  section,
});

/** What is restored at a boot medium, and what a technician restores. */
export const RECOVERIES: readonly string[] = ['system_recovery', 'file_recovery'];
export const RESTORES: readonly string[] = ['restore', ...RECOVERIES];
/** Actions at a boot medium. */
export const MEDIA: readonly string[] = ['be_media.use', 'itpro.session.start'];
/** Actions that put a license onto something. */
export const PUT: readonly string[] = ['license.activate', 'license.move'];
