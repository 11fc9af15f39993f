import { readJsonFile } from '../read-file.js';
import { nothing, one, type Flow } from './flow.js';

/** The rules themselves. */
export const CATALOG_FLOWS: Readonly<Record<string, Flow>> = {
  catalogs: { summary: 'List your own catalogs and which are in force', route: 'catalogs' },
  'catalog show': { summary: 'One version with all that it says', route: 'catalog', ...one('version') },
  'catalog upload': {
    summary: 'Check a catalog and keep it as the next version',
    route: 'catalogUpload',
    options: { file: { what: 'The catalog, as docs/catalogs.md describes it', value: 'FILE', required: true } },
    body: async (given) => ({ catalog: await readJsonFile(given.get('file') ?? '') }),
  },
  'catalog activate': {
    summary: 'Let a version decide; --dry-run names whose decisions change',
    route: 'catalogActivate',
    ...one('version'),
    body: nothing,
  },
  policy: { summary: 'Periods and switches that differ from those of the rules', route: 'policy' },
  'policy set': {
    summary: 'Replace the policy; --dry-run names whose decisions change',
    route: 'policySet',
    options: { file: { what: 'JSON of what differs, {} for nothing', value: 'FILE', required: true } },
    body: async (given) => ({ policy: await readJsonFile(given.get('file') ?? '') }),
  },
  'catalog roll-back': {
    summary: 'Put back what was in force before',
    route: 'catalogRollBack',
    options: { profile: { what: 'aip, msp, lmp or generic', value: 'PROFILE', required: true } },
    body: (given) => ({ profile: given.get('profile') ?? '' }),
  },
};
