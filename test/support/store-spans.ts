import { registry as authority } from '../../packages/authority/src/registry.js';
import { defineRegistry, maintenanceCommands } from '../../packages/authority/src/store/index.js';
import { registry as grid } from './license-grid.js';
import { registry as records } from './statement-records.js';

/** All that the authority's store can do, and ways to fill it. */
export const registry = defineRegistry(
  import.meta.url,
  {
    ...authority.commands,
    fillLicenses: grid.commands.fill,
    fillMachines: records.commands.fill,
    takeStock: maintenanceCommands.takeStock,
  },
  authority.queries,
  { project: authority.project! },
);
