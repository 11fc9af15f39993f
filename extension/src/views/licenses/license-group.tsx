import { isChangeReply } from '@leasehold/protocol/guards';
import { useMemo, useRef, useState } from 'preact/hooks';
import { Copyable } from '../../components/copyable.js';
import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { LoadProblem, problemWords } from '../../components/problem.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { useAct } from '../../components/use-act.js';
import { useNear } from '../../components/use-near.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import { licenseRows, ROWS_AT_ONCE, type LicenseFilters } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import type { LicensePage, LicenseRow } from '../../model/rows.js';
import { keeper } from '../../model/tables.js';
import { b } from '../../texts/buying.js';
import { day, number } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { language } from '../../texts/language.js';
import { osName, typeName } from '../../texts/names.js';
import { s } from '../../texts/shell.js';
import { GrantButton, LicenseStatus } from './license-status.js';
import { SelectAll } from './select-all.js';

export type Selection = ReadonlyMap<string, LicenseRow>;
export type Select = (licenses: readonly LicenseRow[], isOn: boolean) => void;

interface GroupProps {
  readonly live: Live;
  readonly filters: LicenseFilters;
  readonly group: LicensePage['groups'][number];
  readonly isOpen: boolean;
  readonly toggle: () => void;
  readonly selection: Selection;
  readonly select: Select;
}

/** A type: collapsed with its count, bar, used and unused; one license alone is a plain row with no arrow (MSP-8). */
export function LicenseGroup(props: GroupProps) {
  const { live, filters, group, isOpen, toggle, selection, select } = props;
  const isSingle = group.count === 1;
  return (
    <tbody role="rowgroup">
      {!isSingle && (
        <tr role="row" class="group-row">
          <td role="cell" class="col-check">
            <SelectAll {...{ live, filters, selection, select }} type={group.type} count={group.count} />
          </td>
          <th role="rowheader" scope="rowgroup" class="group-name">
            <button type="button" class="expander" aria-expanded={isOpen} onClick={toggle}>
              <Icon name="chevron" class={isOpen ? 'turned' : ''} />
              {p.value.licenses.group(typeName(group.type), group.count)}
            </button>
          </th>
          <td role="cell" class="col-os">
            <QuotaBar
              width={120}
              quota={group.count}
              used={group.used}
              label={p.value.bar(number(group.used), number(group.count), 0)}
            />
          </td>
          <td role="cell" class="soft group-rest">
            {p.value.licenses.usedUnused(group.used, group.count - group.used)}
          </td>
        </tr>
      )}
      {(isOpen || isSingle) && <Rows {...props} key={JSON.stringify([filters, group.type, live.connection.id])} />}
    </tbody>
  );
}

function Rows({ live, filters, group, selection, select }: GroupProps) {
  const [pages, setPages] = useState(1);
  const key = JSON.stringify([filters, group.type, pages]);
  // More of them leaves those that stand there as they are.
  const keep = useMemo(() => keeper<LicenseRow>(), []);
  const resource = useResource(live, key, () => licenseRows(live, filters, group.type, pages, keep));
  const shown = useRef(resource.data.value);
  const rows = resource.data.value ?? shown.current;
  shown.current = rows;
  const left = group.count - (rows?.length ?? group.count);
  const chunks = Array.from({ length: Math.ceil((rows?.length ?? 0) / CHUNK) }, (_each, n) =>
    (rows ?? []).slice(n * CHUNK, (n + 1) * CHUNK),
  );
  return (
    <>
      {resource.problem.value !== undefined && (
        <tr role="row">
          <td role="cell" class="span-all problem-cell">
            <LoadProblem live={live} resources={[resource]} />
          </td>
        </tr>
      )}
      {chunks.map((part, n) => (
        <Chunk
          key={part[0]?.id}
          live={live}
          rows={part}
          isEager={n < 12}
          isSingle={group.count === 1}
          selection={selection}
          select={select}
        />
      ))}
      {left > 0 && (
        <tr role="row">
          <td role="cell" class="span-all">
            <button type="button" class="text-button" onClick={() => setPages(pages + 1)}>
              {s.value.table.more(Math.min(left, ROWS_AT_ONCE))}
            </button>
          </td>
        </tr>
      )}
    </>
  );
}

/** Rows that are drawn together while the reader is near; else one row stands for all of them. */
const CHUNK = 4;
const ROW_HEIGHT = 34;

interface ChunkProps extends Pick<GroupProps, 'live' | 'selection' | 'select'> {
  readonly rows: readonly LicenseRow[];
  readonly isEager: boolean;
  readonly isSingle: boolean;
}

function Chunk({ live, rows, isEager, isSingle, selection, select }: ChunkProps) {
  const [height, ref] = useNear(rows.length, ROW_HEIGHT, isEager);
  const same = useSame(rows);
  const latest = useRef(select);
  latest.current = select;
  const isChanged = ({ id }: LicenseRow) => live.marked.value.has(`license:${id}`);
  const flags = rows.map((row) => `${isChanged(row)}${selection.has(row.id)}`).join();
  // A change elsewhere draws none of these rows again.
  const lines = useMemo(
    () =>
      same.map((license) => (
        <LicenseLine
          key={license.id}
          live={live}
          license={license}
          isSingle={isSingle}
          isChanged={isChanged(license)}
          isSelected={selection.has(license.id)}
          select={(isOn) => latest.current([license], isOn)}
        />
      )),
    [same, flags, isSingle, live, language.value],
  );
  return (
    <>
      {!isEager && <tr ref={ref} aria-hidden="true" class="waiting-rows" style={{ height: `${height}px` }} />}
      {height === 0 && lines}
    </>
  );
}

/** The array of before as long as it holds the same rows. */
function useSame<T>(rows: readonly T[]): readonly T[] {
  const before = useRef(rows);
  const isSame = before.current.length === rows.length && before.current.every((row, n) => row === rows[n]);
  if (!isSame) before.current = rows;
  return before.current;
}

interface LineProps {
  readonly live: Live;
  readonly license: LicenseRow;
  readonly isSingle: boolean;
  readonly isChanged: boolean;
  readonly isSelected: boolean;
  readonly select: (isOn: boolean) => void;
}

function LicenseLine({ live, license, isSingle, isChanged, isSelected, select }: LineProps) {
  const words = p.value.licenses;
  const none = s.value.table.none;
  const { id, os, companyName, user, validUntil, transaction } = license;
  return (
    <tr role="row" class={`${isChanged ? 'changed' : ''} ${isSelected ? 'selected' : ''}`}>
      <td role="cell" class="col-check">
        <input
          type="checkbox"
          aria-label={words.select(id)}
          checked={isSelected}
          onChange={(event) => select(event.currentTarget.checked)}
        />
      </td>
      {isSingle ? <SingleName license={license} /> : <NumberAndHolder license={license} />}
      {!(isSingle && os === null) && (
        <td role="cell" class="soft cut col-os">
          {os === null ? none : osName(os)}
        </td>
      )}
      <td role="cell" class="soft cut col-company">
        {companyName ?? none}
      </td>
      <td role="cell" class="soft cut col-user">
        {user ?? none}
      </td>
      <td role="cell" class="col-status">
        <LicenseStatus license={license} />
        <GrantButton live={live} license={license} />
      </td>
      <td role="cell" class="nowrap col-until">
        {validUntil === null ? p.value.overview.noEnd : <Moment at={validUntil}>{day(validUntil)}</Moment>}
      </td>
      <td role="cell" class="col-renew">
        {validUntil === null ? none : <RenewSwitch live={live} license={license} />}
      </td>
      <td role="cell" class="quiet cut col-transaction">
        {transaction ?? none}
      </td>
    </tr>
  );
}

/** The only one of its type: a plain row that says the type. */
function SingleName({ license }: { license: LicenseRow }) {
  return (
    <th role="rowheader" scope="row" class={`single-line ${license.os === null ? 'no-os' : ''}`}>
      <span class="strong">{typeName(license.type)}</span>
      <Copyable text={license.id} most={13} />
      <span class="strong">
        <Holder license={license} />
      </span>
    </th>
  );
}

function NumberAndHolder({ license }: { license: LicenseRow }) {
  return (
    <>
      <th role="rowheader" scope="row" class="col-number">
        <Copyable text={license.id} most={13} />
      </th>
      <td role="cell" class="strong cut col-holder">
        <Holder license={license} />
      </td>
    </>
  );
}

/** On what it is; a license of several seats says how many are taken. */
function Holder({ license }: { license: LicenseRow }) {
  const { computerName, assignedTo, used, quota } = license;
  if (quota > 1) return <span class="soft">{p.value.licenses.usedOf(number(used), number(quota))}</span>;
  return <>{computerName ?? assignedTo ?? <span class="quiet">{s.value.table.none}</span>}</>;
}

/** A switch where a license can renew by itself and this person may say so; the word alone else. */
function RenewSwitch({ live, license }: { live: Live; license: LicenseRow }) {
  const { id, autoRenew, profile } = license;
  const act = useAct(async () => {
    const input = { params: { license: id }, body: { autoRenew: !autoRenew } };
    await live.authority.call('licenseAutoRenew', isChangeReply, input);
  });
  if (!canChange.value || profile !== 'msp') {
    return <span class={autoRenew ? '' : 'quiet'}>{autoRenew ? p.value.licenses.on : p.value.licenses.off}</span>;
  }
  const failed = act.problem === undefined ? undefined : problemWords(act.problem);
  return (
    <button
      type="button"
      class={`switch-button ${act.problem === undefined ? '' : 'failed'}`}
      role="switch"
      aria-checked={autoRenew}
      aria-label={b.value.switch(id)}
      aria-busy={act.busy}
      title={failed === undefined ? undefined : `${failed.title}. ${failed.next}`}
      onClick={act.run}
    />
  );
}
