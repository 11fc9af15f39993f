import { FilterSegments, FilterSelect, SearchBox, type Option } from '../../components/filters.js';
import { useResource } from '../../components/use-resource.js';
import { companies, DEFAULTS, hidingFilters, type FilterName, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { setQuery } from '../../model/place.js';
import type { LicensePage } from '../../model/rows.js';
import { number } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';

interface Props {
  readonly live: Live;
  readonly filters: LicenseFilters;
  readonly page: LicensePage | undefined;
}

/** Default values stay out of the address. */
function change(filters: LicenseFilters, name: FilterName, value: string): void {
  setQuery({ ...filters, [name]: value === DEFAULTS[name] ? undefined : value });
}

export function clearFilters(filters: LicenseFilters): void {
  setQuery(filters.kind === undefined ? {} : { kind: filters.kind });
}

/** Search, then the filters in the source's order and words; each option has the count it would give (MSP-7). */
export function LicenseFilterBar({ live, filters, page }: Props) {
  const words = p.value.licenses;
  const isTrial = filters.kind === 'trial';
  const hiding = new Set(hidingFilters(filters));
  const count = (name: FilterName, option: string) => page && (page.counts[name]?.[option] ?? 0);
  const segments = (name: FilterName, label: string, options: readonly (readonly [string, string])[]) => (
    <FilterSegments
      label={label}
      value={filters[name] ?? DEFAULTS[name]}
      set={(value) => change(filters, name, value)}
      hides={hiding.has(name)}
      disabled={name === 'usage' && isTrial}
      title={name === 'usage' && isTrial ? words.usageDisabled : undefined}
      options={options.map(([value, text]): Option<string> => ({ value, label: text, count: count(name, value) }))}
    />
  );
  return (
    <div class="filters">
      <SearchBox label={words.search} value={filters.search ?? ''} set={(text) => change(filters, 'search', text)} />
      <div class="filter-row">
        <CompanyFilter live={live} filters={filters} page={page} />
        {segments('kind', words.kindLabel, [
          ['commercial', words.commercial],
          ['trial', words.trial],
        ])}
        {segments('validity', words.validityLabel, [
          ['all', words.all],
          ['valid', words.valid],
          ['expired', words.expired],
        ])}
        {segments('usage', words.usageLabel, [
          ['all', words.all],
          ['used', words.used],
          ['unused', words.unused],
        ])}
        {segments('autoRenew', words.renewLabel, [
          ['all', words.all],
          ['only', words.autoRenewOnly],
        ])}
      </div>
    </div>
  );
}

function CompanyFilter({ live, filters, page }: Props) {
  const words = p.value.licenses;
  const known = useResource(live, 'companies', () => companies(live)).data.value ?? [];
  const counts = page?.counts['company'];
  const options = [
    { value: 'all', label: words.all, count: counts?.['all'] },
    ...known.map(({ id, name }) => ({ value: id, label: name, count: counts?.[id] })),
  ];
  return (
    <FilterSelect
      label={words.company}
      value={filters.company ?? 'all'}
      set={(value) => change(filters, 'company', value)}
      hides={filters.company !== undefined}
      options={options}
    />
  );
}

/** What the filters hide, and how many; the way out beside it. */
export function HidingLine({ filters, page }: { filters: LicenseFilters; page: LicensePage | undefined }) {
  const words = p.value.licenses;
  const hiding = hidingFilters(filters);
  if (page === undefined || hiding.length === 0) return null;
  const names: Readonly<Record<string, string>> = {
    valid: words.valid,
    expired: words.expired,
    used: words.used,
    unused: words.unused,
    only: words.autoRenewOnly,
  };
  const said = hiding.map((name) => {
    if (name === 'search') return `“${filters.search}”`;
    return name === 'company' ? words.company : (names[filters[name] ?? ''] ?? name);
  });
  // With one filter its own "all" count is the whole; with several the total is what the kind holds.
  const [only] = hiding;
  const whole =
    hiding.length === 1 && only !== undefined && only !== 'search'
      ? (page.counts[only]?.['all'] ?? page.total)
      : undefined;
  const all = whole ?? page.total;
  const [who, what] = words.hides(said.join(words.and), number(all - page.total), number(all));
  return (
    <p class="hiding">
      <span>
        <b>{who}</b>
        {whole === undefined ? '' : what}
      </span>
      <button type="button" class="text-button" onClick={() => clearFilters(filters)}>
        {s.value.table.clear}
      </button>
      <span class="sr-only" role="status">
        {number(page.total)}
      </span>
    </p>
  );
}
