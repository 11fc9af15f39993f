import type { Catalog, CoverRule, Rule, TemperRule } from '@leasehold/terms';

/** Every row of a catalog, whatever list and action it stands under. */
export function rowsOf({ rules, cover, tempers }: Catalog): readonly (Rule | CoverRule | TemperRule)[] {
  return [...Object.values(rules).flat(), ...cover, ...Object.values(tempers).flat()];
}
