import { isGrantReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import { Empty } from '../../components/empty.js';
import { Moment } from '../../components/moment.js';
import { LoadProblem } from '../../components/problem.js';
import { QuotaBar } from '../../components/quota-bar.js';
import { TableHead } from '../../components/table-head.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import { companies } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { grantRows, type GrantRow } from '../../model/orders.js';
import { Page } from '../../shell/page.js';
import { number, recent } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { o } from '../../texts/orders.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { GiveDialog } from './give-dialog.js';
import { LicenseTabs } from './license-tabs.js';

/** What was given to resellers and companies, how much of it lies unused, and the way to have that back. */
export function GrantsPage({ live }: { live: Live }) {
  const words = o.value.grants;
  const [isGiving, setGiving] = useState(false);
  const [taken, setTaken] = useState<GrantRow>();
  const grants = useResource(live, 'grants', () => grantRows(live));
  const owners = useResource(live, 'companies', () => companies(live));
  const nameOf = (id: string | null) =>
    id === null ? words.pool : (owners.data.value?.find((company) => company.id === id)?.name ?? id);
  const rows = grants.data.value?.rows;
  return (
    <Page
      title={o.value.tabs.grants}
      before={s.value.nav.organization}
      tabs={<LicenseTabs />}
      busy={grants.loading.value}
      aside={
        canChange.value && (
          <button type="button" class="button primary" onClick={() => setGiving(true)}>
            {words.give}
          </button>
        )
      }
    >
      <LoadProblem live={live} resources={[grants, owners]} />
      {rows?.length === 0 && <Empty title={words.none} body={words.noneSub} />}
      {rows !== undefined && rows.length > 0 && (
        <>
          <p class="soft">{words.lead}</p>
          <GrantTable live={live} rows={rows} nameOf={nameOf} take={setTaken} />
        </>
      )}
      {isGiving && <GiveDialog live={live} companies={owners.data.value ?? []} close={() => setGiving(false)} />}
      {taken !== undefined && <TakeBack live={live} grant={taken} nameOf={nameOf} close={() => setTaken(undefined)} />}
    </Page>
  );
}

interface TableProps {
  readonly live: Live;
  readonly rows: readonly GrantRow[];
  readonly nameOf: (id: string | null) => string;
  readonly take: (grant: GrantRow) => void;
}

function GrantTable({ live, rows, nameOf, take }: TableProps) {
  const words = o.value.grants;
  return (
    <table class="box table grants">
      <TableHead
        columns={[
          [words.to],
          [words.from, 'wide-only'],
          [p.value.overview.used],
          [p.value.technicians.when, 'wide-only'],
          [words.takeBack, 'right', true],
        ]}
      />
      <tbody>
        {rows.map((grant) => (
          <tr key={grant.id} class={live.marked.value.has(`grant:${grant.id}`) ? 'changed' : ''}>
            <th scope="row">
              <span class="strong">{nameOf(grant.to)}</span> <span class="quiet">{typeName(grant.type)}</span>
            </th>
            <td class="soft wide-only">{nameOf(grant.from)}</td>
            <td>
              <span class="grant-bar">
                <QuotaBar
                  quota={grant.held}
                  used={grant.used}
                  label={p.value.bar(number(grant.used), number(grant.held), 0)}
                />
                <span class="nowrap">
                  {number(grant.used)} <span class="quiet">/ {number(grant.held)}</span>
                </span>
              </span>
            </td>
            <td class="soft nowrap wide-only">
              <Moment at={grant.grantedAt}>{recent(grant.grantedAt, now.value)}</Moment>
            </td>
            <td class="right">
              {canChange.value && grant.held > grant.used ? (
                <button type="button" class="button small" onClick={() => take(grant)}>
                  {words.takeBack}
                </button>
              ) : (
                <span class="quiet">{grant.held > grant.used ? '' : words.nothing}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface TakeBackProps extends Pick<TableProps, 'live' | 'nameOf'> {
  readonly grant: GrantRow;
  readonly close: () => void;
}

function TakeBack({ live, grant, nameOf, close }: TakeBackProps) {
  const words = o.value.grants;
  const unused = number(grant.held - grant.used);
  return (
    <AskDialog
      live={live}
      danger
      title={words.takeBackTitle(nameOf(grant.to))}
      act={words.takeBackAct(unused)}
      consequences={[
        {
          icon: 'layers',
          title: words.takeBackEffect(unused, typeName(grant.type), nameOf(grant.from)),
          body: words.takeBackEffectSub,
        },
      ]}
      route="grantTakeBack"
      isReply={isGrantReply}
      params={{ grant: grant.id }}
      body={{}}
      close={close}
    />
  );
}
