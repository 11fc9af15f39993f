import { useState } from 'preact/hooks';
import { Empty } from '../../components/empty.js';
import { FilterSegments } from '../../components/filters.js';
import { LoadProblem } from '../../components/problem.js';
import { TableHead } from '../../components/table-head.js';
import { useResource } from '../../components/use-resource.js';
import type { Live } from '../../model/live.js';
import { orderRows, type OrderPage } from '../../model/orders.js';
import { hrefOf, place, setQuery } from '../../model/place.js';
import { Page } from '../../shell/page.js';
import { o } from '../../texts/orders.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { LicenseTabs } from './license-tabs.js';
import { OrderLine } from './order-line.js';

const STEP = 50;
const MOST = 500;
const STATES = ['open', 'paid', 'void', 'refunded'] as const;

/** Orders and what became of them: who pays what until when, and what a person has to look at. */
export function OrdersPage({ live }: { live: Live }) {
  const words = o.value;
  const status = STATES.find((each) => each === place.value.query['status']);
  const [count, setCount] = useState(STEP);
  const resource = useResource(live, `orders ${status} ${count}`, () => orderRows(live, status, count));
  const page = resource.data.value;
  return (
    <Page
      title={words.tabs.orders}
      before={s.value.nav.organization}
      tabs={<LicenseTabs />}
      busy={resource.loading.value}
      aside={page !== undefined && <span class="quiet wide-only">{words.count(page.total)}</span>}
    >
      <div class="filter-row">
        <FilterSegments
          label={words.tabs.orders}
          value={status ?? 'all'}
          hides={status !== undefined}
          set={(chosen) => setQuery({ status: chosen === 'all' ? undefined : chosen })}
          options={(['all', ...STATES] as const).map((value) => ({
            value,
            label: value === 'all' ? s.value.table.all : words.status[value],
            count: page && (page.counts?.[value] ?? 0),
          }))}
        />
      </div>
      <LoadProblem live={live} resources={[resource]} />
      {page !== undefined && <Found live={live} page={page} isFiltered={status !== undefined} />}
      {page !== undefined && page.next !== null && count < MOST && (
        <button type="button" class="button small older" onClick={() => setCount(Math.min(MOST, count + STEP))}>
          {words.older}
        </button>
      )}
    </Page>
  );
}

function Found({ live, page, isFiltered }: { live: Live; page: OrderPage; isFiltered: boolean }) {
  const words = o.value;
  const asked = place.value.query['order'];
  const [open, setOpen] = useState(asked);
  if (page.rows.length === 0 && isFiltered) {
    return (
      <Empty title={words.noMatch}>
        <a class="button small" href={hrefOf('licenses', 'orders')}>
          {words.showAll}
        </a>
      </Empty>
    );
  }
  if (page.rows.length === 0) return <Empty title={words.none} body={words.noneSub} />;
  return (
    <table class="box table orders">
      <TableHead
        columns={[
          [words.number],
          [words.what],
          [words.for, 'wide-only'],
          [words.total, 'right wide-only'],
          [words.made, 'wide-only'],
          [p.value.licenses.status, 'wide-only'],
          [s.value.table.details, 'entry-open', true],
        ]}
      />
      <tbody>
        {page.rows.map((order) => (
          <OrderLine
            key={order.id}
            live={live}
            order={order}
            isOpen={open === order.id}
            toggle={() => setOpen(open === order.id ? undefined : order.id)}
          />
        ))}
      </tbody>
    </table>
  );
}
