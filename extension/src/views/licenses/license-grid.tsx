import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { CopyBox } from '../../components/copyable.js';
import { Empty } from '../../components/empty.js';
import { Icon } from '../../components/icon.js';
import { LoadProblem } from '../../components/problem.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import type { Bulk } from '../../model/bulk.js';
import { hidingFilters, licenseGroups, typesNeverRequested, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { place, setQuery } from '../../model/place.js';
import type { LicensePage } from '../../model/rows.js';
import { Page } from '../../shell/page.js';
import { b } from '../../texts/buying.js';
import { p } from '../../texts/pages.js';
import { typeName } from '../../texts/names.js';
import { s } from '../../texts/shell.js';
import { goodsOf } from '../../model/licenses.js';
import { BuyDialog } from './buy-dialog.js';
import { ColumnChoice, hiddenColumns } from './column-choice.js';
import { ExportButton } from './export-button.js';
import { GroupActions } from './group-actions.js';
import { clearFilters, HidingLine, LicenseFilterBar } from './license-filters.js';
import { LicenseGroup, type Select, type Selection } from './license-group.js';
import { LicenseTabs } from './license-tabs.js';
import { SelectAll } from './select-all.js';
import { SelectionBar } from './selection-bar.js';
import { TrialDialog } from './trial-dialog.js';
import { UndoBar } from './undo-bar.js';

/** What else stands in the address: a type that is open, a form that a plan or a person opened. */
interface Asked {
  readonly type?: string | undefined;
  readonly buy?: string | undefined;
  readonly quantity?: string | undefined;
  readonly trial?: string | undefined;
  readonly goods?: string | undefined;
}

/** Organization → Licenses: the grid of the source, word by word (rules 5.1). Filters stand in the address. */
export function LicenseGrid({ live }: { live: Live }) {
  const { type: opened, buy, quantity, trial, goods, ...filters } = place.value.query as LicenseFilters & Asked;
  const resource = useResource(live, `licenses ${JSON.stringify(filters)}`, () => licenseGroups(live, filters));
  const page = resource.data.value;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(opened === undefined ? [] : [opened]));
  const [selection, setSelection] = useState<Selection>(new Map());
  const [done, setDone] = useState<Bulk | null>();
  const select: Select = (licenses, isOn) => {
    const next = new Map(selection);
    for (const license of licenses) {
      if (isOn) next.set(license.id, license);
      else next.delete(license.id);
    }
    setSelection(next);
  };
  const toggle = (type: string) =>
    setOpen(new Set(open.has(type) ? [...open].filter((each) => each !== type) : [...open, type]));
  return (
    <Page
      title={s.value.nav.licenses}
      before={s.value.nav.organization}
      tabs={<LicenseTabs />}
      busy={resource.loading.value}
      aside={<Aside {...{ live, page, filters, setDone }} />}
    >
      <div class="filter-block">
        <LicenseFilterBar live={live} filters={filters} page={page} />
        <HidingLine filters={filters} page={page} />
      </div>
      <LoadProblem live={live} resources={[resource]} />
      {page !== undefined && (
        <div class="grid-wrap">
          <table role="table" class={`table grid licenses ${hiddenColumns()}`}>
            <Head filters={filters}>
              {page.total > 0 && <SelectAll {...{ live, filters, selection, select }} count={page.total} />}
            </Head>
            {page.groups.map((group) => (
              <LicenseGroup
                key={group.type}
                {...{ live, filters, group, selection, select }}
                isOpen={open.has(group.type) || filters.search !== undefined}
                toggle={() => toggle(group.type)}
              />
            ))}
            {(page.total > 0 || hidingFilters(filters).length === 0) && <EmptyTypes page={page} filters={filters} />}
          </table>
          <NoLicenses page={page} filters={filters} />
        </div>
      )}
      <Below
        {...{ live, page, filters, selection, done, setDone }}
        clear={() => setSelection(new Map())}
        asked={{ buy, quantity, trial, goods }}
      />
    </Page>
  );
}

function Aside({ live, page, filters, setDone }: Pick<BelowProps, 'live' | 'page' | 'filters' | 'setDone'>) {
  const isTrial = filters.kind === 'trial';
  return (
    <>
      {page !== undefined && (
        <span class="quiet wide-only">{p.value.licenses.count(page.total, page.groups.length)}</span>
      )}
      {canChange.value && <GroupActions live={live} filters={filters} done={setDone} />}
      <ColumnChoice />
      <ExportButton live={live} filters={filters} />
      {canChange.value && (
        <button
          type="button"
          class="button primary"
          onClick={() => setQuery({ ...filters, ...(isTrial ? { trial: 'yes' } : { buy: 'any' }) })}
        >
          {isTrial ? b.value.trial : b.value.buy}
        </button>
      )}
    </>
  );
}

interface BelowProps {
  readonly live: Live;
  readonly page: LicensePage | undefined;
  readonly filters: LicenseFilters;
  readonly selection: Selection;
  readonly clear: () => void;
  /** What puts back what was done to many; null where all of it was so before. */
  readonly done: Bulk | null | undefined;
  readonly setDone: (done: Bulk | null | undefined) => void;
  readonly asked: Omit<Asked, 'type'>;
}

/** What floats over the grid: acts on the selection, the way back, forms that were asked for. */
function Below({ live, page, filters, selection, clear, done, setDone, asked }: BelowProps) {
  const close = () => setQuery({ ...filters });
  const { buy, quantity, trial } = asked;
  return (
    <>
      {selection.size > 0 && <SelectionBar live={live} selection={selection} clear={clear} done={setDone} />}
      {selection.size === 0 && done !== undefined && (
        <UndoBar live={live} undo={done} close={() => setDone(undefined)} />
      )}
      {buy !== undefined && page !== undefined && canChange.value && (
        <BuyDialog
          live={live}
          goods={goodsOf(asked.goods, buy, page.requested)}
          type={buy === 'any' ? '' : buy}
          quantity={quantity === undefined ? undefined : Number(quantity)}
          close={close}
        />
      )}
      {trial !== undefined && canChange.value && <TrialDialog live={live} close={close} />}
    </>
  );
}

type Words = ReturnType<typeof headWords>;
const headWords = () => p.value.licenses;

/** Columns in the source's order; those with a name that the authority knows can be sorted by. */
const COLUMNS: readonly (readonly [name: keyof Words, cls: string, sort?: string])[] = [
  ['number', 'col-number', 'id'],
  ['computer', 'col-holder', 'computer'],
  ['os', 'col-os'],
  ['company', 'col-company', 'company'],
  ['user', 'col-user', 'user'],
  ['status', 'col-status'],
  ['validUntil', 'col-until', 'validUntil'],
  ['autoRenewal', 'col-renew', 'autoRenew'],
  ['transaction', 'col-transaction'],
];

function Head({ filters, children }: { filters: LicenseFilters; children: ComponentChildren }) {
  const words = headWords();
  return (
    <thead role="rowgroup">
      <tr role="row">
        <td role="cell" class="col-check">
          {children}
        </td>
        {COLUMNS.map(([name, cls, sort]) => (
          <SortHead key={name} name={String(words[name])} cls={cls} sort={sort} filters={filters} />
        ))}
      </tr>
    </thead>
  );
}

interface SortProps {
  readonly name: string;
  readonly cls: string;
  readonly sort: string | undefined;
  readonly filters: LicenseFilters;
}

/** Up, down, as it was: three clicks. */
function SortHead({ name, cls, sort, filters }: SortProps) {
  const isUp = sort !== undefined && filters.sort === sort;
  const isDown = sort !== undefined && filters.sort === `-${sort}`;
  const next = isUp ? `-${sort}` : isDown ? undefined : sort;
  return (
    <th
      role="columnheader"
      scope="col"
      class={cls}
      aria-sort={sort === undefined ? undefined : isUp ? 'ascending' : isDown ? 'descending' : 'none'}
    >
      {sort === undefined ? (
        name
      ) : (
        <button
          type="button"
          class="sort"
          title={b.value.sortBy(name)}
          onClick={() => setQuery({ ...filters, sort: next })}
        >
          {name}
          {(isUp || isDown) && <Icon name="down" size={14} class={isUp ? 'up' : ''} />}
        </button>
      )}
    </th>
  );
}

/** Types without a row: hidden by the filters, or never requested of this kind, in the source's exact words. */
function EmptyTypes({ page, filters }: { page: LicensePage; filters: LicenseFilters }) {
  const words = p.value.licenses;
  const shown = new Set(page.groups.map(({ type }) => type));
  const hidden = page.requested.filter((type) => !shown.has(type));
  const never = typesNeverRequested(page.requested);
  return (
    <tbody role="rowgroup">
      {hidden.map((type) => (
        <tr role="row" key={type} class="empty-type">
          <td role="cell" class="span-all">
            <span class="strong">{typeName(type)}</span>
            <span class="quiet">{words.hidden}</span>
            <button type="button" class="text-button" onClick={() => clearFilters(filters)}>
              {s.value.table.clear}
            </button>
          </td>
        </tr>
      ))}
      {never.map((type) => (
        <tr role="row" key={type} class="empty-type">
          <td role="cell" class="span-all">
            <span class="strong">{typeName(type)}</span>
            <span class="quiet">{words.notPurchased}</span>
            {canChange.value && (
              <button type="button" class="text-button" onClick={() => setQuery({ ...filters, buy: type })}>
                {b.value.buy}
              </button>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function NoLicenses({ page, filters }: { page: LicensePage; filters: LicenseFilters }) {
  const words = p.value.licenses;
  if (page.total > 0) return null;
  if (hidingFilters(filters).length === 0) {
    // The source's exact words also for trials, where no type was ever requested (MSP-10).
    if (filters.kind === 'trial') return <Empty title={words.notPurchased} />;
    return (
      <Empty title={words.none} body={words.noneSub}>
        {canChange.value && <CopyBox text="leasehold admin license import --file licenses.csv" label={words.none} />}
      </Empty>
    );
  }
  return (
    <Empty title={words.noMatch}>
      <button type="button" class="button small" onClick={() => clearFilters(filters)}>
        {s.value.table.clearFilters}
      </button>
    </Empty>
  );
}
