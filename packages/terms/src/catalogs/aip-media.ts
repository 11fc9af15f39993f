import type { ByAction, Rule } from '../catalog.js';

/** Boot media, and the technician who carries one. */

/** What is restored at a boot medium, and what a technician restores. */
const recoveries: readonly string[] = ['system_recovery', 'file_recovery'];
const restores: readonly string[] = ['restore', ...recoveries];

/** The medium itself: its stamp, what is doubtful about this boot, the systems that it serves. */
const medium: readonly Rule[] = [
  { id: 'AIP-9.1', kind: 'media.stamp', code: 'UNLICENSED_MEDIA' },
  { id: 'F-10', kind: 'media.doubts', recoveries: restores },
  {
    id: 'AIP-9.2',
    kind: 'media.os',
    base: 'linux',
    systems: ['windows_server', 'windows_client', 'linux'],
    code: 'MEDIA_OS',
  },
  { id: 'AIP-9.3', kind: 'media.os', base: 'winpe', systems: ['windows_server', 'windows_client'], code: 'MEDIA_OS' },
];

const holder: Rule = { id: 'AIP-9.7', kind: 'it-pro.holder', code: 'ITPRO_NOT_HOLDER' };
const year: Rule = {
  id: 'AIP-9.4',
  kind: 'it-pro.year',
  years: 1,
  term: 'subscription',
  restores,
  restoreRule: 'D-1',
  warning: 'RESTORE_ONLY',
};
const anyMachine: Rule = { id: 'AIP-9.5', kind: 'it-pro.allowed', years: 1, restores };

export const media: ByAction<Rule> = {
  'be_media.use': [
    ...medium,
    { id: 'AIP-9.1', kind: 'media.covered' },
    { id: 'F-10', kind: 'media.proof', recoveries },
    { id: 'F-10', kind: 'media.undeclared', purpose: 'system_recovery', obligation: 'DECLARE_SOURCE' },
    {
      id: 'AIP-9.1',
      kind: 'media.replacement',
      purpose: 'system_recovery',
      also: 'AIP-2.1',
      dispose: 'DISPOSE_SOURCE',
      move: 'MOVE_LICENSE',
    },
    { id: 'D-1', kind: 'media.had-license', recoveries, imagePurpose: 'system_recovery', warning: 'RESTORE_ONLY' },
    { id: 'AIP-9.1', kind: 'media.needs' },
  ],
  'itpro.session.start': [
    holder,
    ...medium,
    { id: 'AIP-9.6', kind: 'it-pro.concurrent', code: 'ITPRO_CONCURRENT' },
    year,
    anyMachine,
  ],
  'itpro.media.create': [
    holder,
    year,
    { id: 'AIP-9.6', kind: 'it-pro.spare-medium', warning: 'SPARE_MEDIA_NOT_AT_SAME_TIME' },
    anyMachine,
  ],
  'itpro.reassign': [{ id: 'AIP-9.7', kind: 'it-pro.reassign', code: 'ITPRO_NOT_HOLDER', obligation: 'AUDIT' }],
};
