import type { Rule } from '../catalog.js';
import { MEDIA, own, RECOVERIES, RESTORES, use } from './aip-sources.js';

/** Boot media, and the technician who carries one. */

const holder: Rule = {
  id: 'AIP-9.7',
  kind: 'it-pro.holder',
  on: ['itpro.session.start', 'itpro.media.create'],
  cite: use('9', '114'),
  code: 'ITPRO_NOT_HOLDER',
};

export const media: readonly Rule[] = [
  holder,
  { id: 'AIP-9.1', kind: 'media.stamp', on: MEDIA, cite: use('9', '106-107'), code: 'UNLICENSED_MEDIA' },
  { id: 'F-10', kind: 'media.doubts', on: MEDIA, cite: own('F-10'), recoveries: RESTORES },
  {
    id: 'AIP-9.2',
    kind: 'media.os',
    on: MEDIA,
    cite: use('9', '108'),
    base: 'linux',
    systems: ['windows_server', 'windows_client', 'linux'],
    code: 'MEDIA_OS',
  },
  {
    id: 'AIP-9.3',
    kind: 'media.os',
    on: MEDIA,
    cite: use('9', '108'),
    base: 'winpe',
    systems: ['windows_server', 'windows_client'],
    code: 'MEDIA_OS',
  },
  { id: 'AIP-9.1', kind: 'media.covered', on: ['be_media.use'], cite: use('9', '106-107') },
  { id: 'F-10', kind: 'media.proof', on: ['be_media.use'], cite: own('F-10'), recoveries: RECOVERIES },
  {
    id: 'F-10',
    kind: 'media.undeclared',
    on: ['be_media.use'],
    cite: own('F-10'),
    purpose: 'system_recovery',
    obligation: 'DECLARE_SOURCE',
  },
  {
    id: 'AIP-9.1',
    kind: 'media.replacement',
    on: ['be_media.use'],
    cite: use('9', '106-107'),
    purpose: 'system_recovery',
    also: 'AIP-2.1',
    dispose: 'DISPOSE_SOURCE',
    move: 'MOVE_LICENSE',
  },
  {
    id: 'D-1',
    kind: 'media.had-license',
    on: ['be_media.use'],
    cite: own('D-1'),
    recoveries: RECOVERIES,
    imagePurpose: 'system_recovery',
    warning: 'RESTORE_ONLY',
  },
  { id: 'AIP-9.1', kind: 'media.needs', on: ['be_media.use'], cite: use('9', '106-107') },
];

export const itPro: readonly Rule[] = [
  {
    id: 'AIP-9.6',
    kind: 'it-pro.concurrent',
    on: ['itpro.session.start'],
    cite: use('9', '113'),
    code: 'ITPRO_CONCURRENT',
  },
  {
    id: 'AIP-9.4',
    kind: 'it-pro.year',
    on: ['itpro.session.start', 'itpro.media.create'],
    cite: use('9', '111'),
    years: 1,
    term: 'subscription',
    restores: RESTORES,
    restoreRule: 'D-1',
    warning: 'RESTORE_ONLY',
  },
  {
    id: 'AIP-9.6',
    kind: 'it-pro.spare-medium',
    on: ['itpro.media.create'],
    cite: use('9', '113'),
    warning: 'SPARE_MEDIA_NOT_AT_SAME_TIME',
  },
  {
    id: 'AIP-9.5',
    kind: 'it-pro.allowed',
    on: ['itpro.session.start', 'itpro.media.create'],
    cite: use('9', '112'),
    years: 1,
    restores: RESTORES,
  },
  {
    id: 'AIP-9.7',
    kind: 'it-pro.reassign',
    on: ['itpro.reassign'],
    cite: use('9', '114'),
    code: 'ITPRO_NOT_HOLDER',
    obligation: 'AUDIT',
  },
];
