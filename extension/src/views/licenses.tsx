import { useState } from 'preact/hooks';
import { Empty } from '../components/empty.js';
import { Icon } from '../components/icon.js';
import { LoadProblem } from '../components/problem.js';
import { useResource } from '../components/use-resource.js';
import { canChange } from '../model/app.js';
import { hidingFilters, licenseGroups, typesNeverRequested, type LicenseFilters } from '../model/licenses.js';
import type { Live } from '../model/live.js';
import { place } from '../model/place.js';
import type { LicensePage, LicenseRow } from '../model/rows.js';
import { Page } from '../shell/page.js';
import { p } from '../texts/pages.js';
import { typeName } from '../texts/names.js';
import { s } from '../texts/shell.js';
import { AssignDialog, RevokeDialog } from './licenses/license-dialogs.js';
import { clearFilters, HidingLine, LicenseFilterBar } from './licenses/license-filters.js';
import { LicenseGroup, type Selection } from './licenses/license-group.js';

/** Organization → Licenses: the grid of the source, word by word (rules 5.1). Filters stand in the address. */
export function LicensesPage({ live }: { live: Live }) {
  const { type: opened, ...filters } = place.value.query as LicenseFilters & { type?: string };
  const words = p.value.licenses;
  const resource = useResource(live, JSON.stringify(filters), () => licenseGroups(live, filters));
  const page = resource.data.value;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set(opened === undefined ? [] : [opened]));
  const [selection, setSelection] = useState<Selection>(new Map());
  const select = (license: LicenseRow, isOn: boolean) => {
    const next = new Map(selection);
    if (isOn) next.set(license.id, license);
    else next.delete(license.id);
    setSelection(next);
  };
  const toggle = (type: string) => {
    const next = new Set(open);
    if (!next.delete(type)) next.add(type);
    setOpen(next);
  };
  return (
    <Page
      title={s.value.nav.licenses}
      before={s.value.nav.organization}
      busy={resource.loading.value}
      aside={page !== undefined && <span class="quiet">{words.count(page.total, page.groups.length)}</span>}
    >
      <div class="filter-block">
        <LicenseFilterBar live={live} filters={filters} page={page} />
        <HidingLine filters={filters} page={page} />
      </div>
      <LoadProblem live={live} resources={[resource]} />
      {page !== undefined && (
        <div class="grid-wrap">
          <table role="table" class="table grid licenses">
            <Head />
            {page.groups.map((group) => (
              <LicenseGroup
                key={group.type}
                live={live}
                filters={filters}
                group={group}
                isOpen={open.has(group.type) || filters.search !== undefined}
                toggle={() => toggle(group.type)}
                selection={selection}
                select={select}
              />
            ))}
            <EmptyTypes page={page} filters={filters} />
          </table>
          <NoLicenses page={page} filters={filters} />
        </div>
      )}
      {selection.size > 0 && <SelectionBar live={live} selection={selection} clear={() => setSelection(new Map())} />}
    </Page>
  );
}

function Head() {
  const words = p.value.licenses;
  return (
    <thead role="rowgroup">
      <tr role="row">
        <td role="cell" class="col-check" />
        <th role="columnheader" scope="col" class="col-number">
          {words.number}
        </th>
        <th role="columnheader" scope="col" class="col-holder">
          {words.computer}
        </th>
        <th role="columnheader" scope="col" class="col-os">
          {words.os}
        </th>
        <th role="columnheader" scope="col" class="col-company">
          {words.companyHead}
        </th>
        <th role="columnheader" scope="col" class="col-user">
          {words.user}
        </th>
        <th role="columnheader" scope="col" class="col-status">
          {words.status}
        </th>
        <th role="columnheader" scope="col" class="col-until">
          {words.validUntil}
        </th>
        <th role="columnheader" scope="col" class="col-renew">
          {words.autoRenewal}
        </th>
        <th role="columnheader" scope="col" class="col-transaction">
          {words.transaction}
        </th>
      </tr>
    </thead>
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
          </td>
        </tr>
      ))}
    </tbody>
  );
}

function NoLicenses({ page, filters }: { page: LicensePage; filters: LicenseFilters }) {
  const words = p.value.licenses;
  if (page.total > 0) return null;
  if (hidingFilters(filters).length === 0) return <Empty title={words.none} body={words.noneSub} />;
  return (
    <Empty title={words.noMatch}>
      <button type="button" class="button small" onClick={() => clearFilters(filters)}>
        {s.value.table.clearFilters}
      </button>
    </Empty>
  );
}

/** Floats at the bottom: count first, then the acts that fit what is selected. */
function SelectionBar({ live, selection, clear }: { live: Live; selection: Selection; clear: () => void }) {
  const [act, setAct] = useState<'assign' | 'revoke'>();
  const words = p.value.licenses;
  const all = [...selection.values()];
  const [only] = all;
  const held = all.filter(({ profile, assignedTo }) => profile === 'msp' && assignedTo !== null);
  const isFree = all.length === 1 && only?.profile === 'msp' && only.assignedTo === null;
  const done = () => {
    setAct(undefined);
    clear();
  };
  return (
    <div class="selection-bar" role="region" aria-label={words.selected(all.length)}>
      <span class="strong" role="status">
        {words.selected(all.length)}
      </span>
      {canChange.value && (
        <>
          <button type="button" class="button bare small" disabled={!isFree} onClick={() => setAct('assign')}>
            {words.assign}
          </button>
          <button
            type="button"
            class="button bare small"
            disabled={held.length === 0 || held.length < all.length}
            onClick={() => setAct('revoke')}
          >
            {words.revoke}
          </button>
        </>
      )}
      <button type="button" class="icon-button" onClick={clear}>
        <Icon name="close" label={s.value.dialog.close} />
      </button>
      {act === 'assign' && only !== undefined && <AssignDialog live={live} license={only} close={done} />}
      {act === 'revoke' && <RevokeDialog live={live} licenses={held} close={done} />}
    </div>
  );
}
