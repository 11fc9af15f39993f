import { useEffect, useState } from 'preact/hooks';
import { CopyBox } from '../components/copyable.js';
import { Empty } from '../components/empty.js';
import { FilterSegments, FilterSelect, SearchBox } from '../components/filters.js';
import { Icon } from '../components/icon.js';
import { LoadProblem } from '../components/problem.js';
import { TableHead } from '../components/table-head.js';
import { useResource } from '../components/use-resource.js';
import { companies } from '../model/licenses.js';
import type { Live } from '../model/live.js';
import {
  isFiltering,
  machineCounts,
  machinePage,
  MACHINES_AT_ONCE,
  treeOf,
  type MachineFilters,
} from '../model/machines.js';
import { place, setQuery } from '../model/place.js';
import type { MachinePage, Overview } from '../model/rows.js';
import { Page } from '../shell/page.js';
import { d } from '../texts/decide.js';
import { p } from '../texts/pages.js';
import { n } from '../texts/names.js';
import { s } from '../texts/shell.js';
import { HostLine, MachineLine, type LineProps } from './machines/machine-lines.js';

/** Hosts with their guests, and machines on no host: what covers each, until when it may stay away. */
export function MachinesPage({ live, overview }: { live: Live; overview: Overview | undefined }) {
  const { item, query } = place.value;
  const filters: MachineFilters = query;
  const [pages, setPages] = useState(1);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const key = `machines ${JSON.stringify([filters, pages])}`;
  const resource = useResource(live, key, () => machinePage(live, filters, pages));
  const page = resource.data.value;
  const isFiltered = isFiltering(filters);
  // Both: the overview is read anew at each change and lists the most urgent of all machines, the page has its own.
  const waiting = [...(page?.todos ?? []), ...(overview?.todos ?? [])];
  const todos = new Map(waiting.map((todo) => [todo.subject.id, todo]));
  const hosts = new Map(page?.hosts.map((host) => [host.id, host]));
  const owners = useResource(live, 'companies', () => companies(live)).data.value;
  const names = new Map(owners?.map(({ id, name }) => [id, name]));
  const line: LineProps = {
    live,
    companies: names,
    open,
    todos,
    hosts,
    toggle: (id: string) => setOpen(toggled(open, id)),
  };
  useEffect(() => {
    if (item !== undefined) setOpen((before) => new Set([...before, item]));
  }, [item]);
  return (
    <Page
      title={s.value.nav.machines}
      busy={resource.loading.value}
      aside={page !== undefined && <Count page={page} isFiltered={isFiltered} />}
    >
      <Filters live={live} filters={filters} companies={names} />
      <LoadProblem live={live} resources={[resource]} />
      {page !== undefined && <Allowance page={page} />}
      {page !== undefined && (
        <div class="grid-wrap">
          <Tree page={page} isFiltered={isFiltered} line={line} />
          {page.rows.length < page.total && (
            <button type="button" class="text-button more-rows" onClick={() => setPages(pages + 1)}>
              {s.value.table.more(Math.min(MACHINES_AT_ONCE, page.total - page.rows.length))}
            </button>
          )}
          {page.total === 0 && <NoMachines isFiltered={isFiltered} />}
        </div>
      )}
    </Page>
  );
}

function toggled(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(id)) next.add(id);
  return next;
}

function Count({ page, isFiltered }: { page: MachinePage; isFiltered: boolean }) {
  const { branches } = treeOf(page, isFiltered);
  return <span class="quiet">{p.value.machines.count(page.total, branches.length)}</span>;
}

/** Hosts that are backed up without an agent in their guests, of how many the Virtual licenses cover (AIP-7.2). */
function Allowance({ page: { hyperAgents } }: { page: MachinePage }) {
  if (hyperAgents == null) return null;
  const { inUse, covered } = hyperAgents;
  const isOver = inUse > covered;
  return (
    <p class={isOver ? 'attention' : 'soft'}>
      <Icon name={isOver ? 'alert' : 'host'} /> {p.value.machines.agentless(inUse, covered)}
    </p>
  );
}

interface TreeProps {
  readonly page: MachinePage;
  readonly isFiltered: boolean;
  readonly line: LineProps;
}

function Tree({ page, isFiltered, line }: TreeProps) {
  const [shut, setShut] = useState<ReadonlySet<string>>(new Set());
  const { branches, alone } = treeOf(page, isFiltered);
  return (
    <table role="table" class="table grid machines">
      <Head />
      <tbody role="rowgroup">
        {branches.map(({ host, guests }) => (
          <HostLine
            key={host.id}
            {...line}
            host={host}
            guests={guests}
            others={isFiltered ? 0 : (host.guests ?? 0) - guests.length}
            isOpen={!shut.has(host.id)}
            fold={() => setShut(toggled(shut, host.id))}
          />
        ))}
        {alone.map((machine) => (
          <MachineLine key={machine.id} {...line} machine={machine} level={0} host={undefined} />
        ))}
      </tbody>
    </table>
  );
}

function NoMachines({ isFiltered }: { isFiltered: boolean }) {
  const words = p.value.machines;
  if (!isFiltered) {
    return (
      <Empty title={words.none} body={words.noneSub}>
        <CopyBox text="leasehold activate LH-…" label={words.none} />
      </Empty>
    );
  }
  return (
    <Empty title={words.noMatch}>
      <button type="button" class="button small" onClick={() => setQuery({})}>
        {s.value.table.clearFilters}
      </button>
    </Empty>
  );
}

const MARKS = ['fork', 'contradicted', 'stale', 'lapses_day', 'lapses_fortnight', 'standby', 'disposed'] as const;
const STATUSES = ['valid', 'grace', 'stopped', 'offline', 'expires_soon', 'released'] as const;

interface FiltersProps {
  readonly live: Live;
  readonly filters: MachineFilters;
  /** Names by ids. */
  readonly companies: ReadonlyMap<string, string>;
}

/** Each option has the count that it would give. */
function Filters({ live, filters, companies: names }: FiltersProps) {
  const words = p.value;
  const { marks } = d.value;
  const counts = useResource(live, `machine counts ${JSON.stringify(filters)}`, () => machineCounts(live, filters)).data
    .value;
  const count = (name: 'status' | 'mark', option: string) => counts && (counts[name]?.[option] ?? 0);
  return (
    <div class="filters">
      <SearchBox
        label={words.machines.search}
        value={filters.search ?? ''}
        set={(search) => setQuery({ ...filters, search: search || undefined })}
      />
      <div class="filter-row">
        {names.size > 0 && (
          <FilterSelect
            label={words.licenses.company}
            value={filters.company ?? ''}
            hides={filters.company !== undefined}
            set={(company) => setQuery({ ...filters, company: company || undefined })}
            options={[
              { value: '', label: words.licenses.all },
              ...[...names].map(([value, label]) => ({ value, label })),
            ]}
          />
        )}
        <FilterSegments
          label={words.machines.status}
          value={filters.status ?? 'all'}
          hides={filters.status !== undefined}
          set={(status) => setQuery({ ...filters, status: status === 'all' ? undefined : status })}
          options={[
            { value: 'all', label: s.value.table.all, count: count('status', 'all') },
            ...STATUSES.map((status) => ({
              value: status,
              label: n.value.machineStatus[status],
              count: count('status', status),
            })),
          ]}
        />
        <FilterSelect
          label={marks.label}
          value={filters.mark ?? ''}
          hides={filters.mark !== undefined}
          set={(mark) => setQuery({ ...filters, mark: mark || undefined })}
          options={[
            { value: '', label: marks.all, count: count('mark', 'all') },
            // An authority of the version before counts fewer.
            ...MARKS.filter((mark) => !counts || counts['mark']?.[mark] !== undefined).map((mark) => ({
              value: mark,
              label: marks[mark],
              count: count('mark', mark),
            })),
          ]}
        />
      </div>
    </div>
  );
}

function Head() {
  const words = p.value.machines;
  return (
    <TableHead
      columns={[
        [words.name],
        [p.value.licenses.os, 'col-os'],
        [words.coveredBy, 'col-cover'],
        [words.status, 'col-status'],
        [words.offlineUntil, 'col-until'],
        [words.lastSeen, 'right col-seen'],
      ]}
    />
  );
}
