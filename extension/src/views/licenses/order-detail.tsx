import { isPayLink } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { Copyable, CopyBox } from '../../components/copyable.js';
import { Icon } from '../../components/icon.js';
import { ProblemNote } from '../../components/problem.js';
import { TableHead } from '../../components/table-head.js';
import { useAct } from '../../components/use-act.js';
import { canChange, role } from '../../model/app.js';
import { amountText } from '../../model/buying.js';
import type { Live } from '../../model/live.js';
import { payPage, type OrderRow } from '../../model/orders.js';
import { instant, number } from '../../texts/format.js';
import { o } from '../../texts/orders.js';
import { s } from '../../texts/shell.js';
import { MoneyDialog, VoidDialog } from './order-dialogs.js';
import { isOnce, itemName, totalOf } from './order-words.js';

interface Props {
  readonly live: Live;
  readonly order: OrderRow;
}

/** One order: what it says line by line, how it is paid, what it is for, and what may be done to it. */
export function OrderDetail({ live, order }: Props) {
  const words = o.value;
  const { attention, licenses, licenseCount, paidAt, paidBy, fulfilledAt, reference } = order;
  return (
    <div class="order-detail">
      {attention !== null && (
        <p class="attention">
          <Icon name="alert" size={14} /> {words.attentionBody[attention]}
        </p>
      )}
      <Lines order={order} />
      <p class="soft">{fulfilledAt === null ? words.waiting : words.fulfilled(instant(fulfilledAt))}</p>
      <dl class="facts">
        <dt>{words.total}</dt>
        <dd>{totalOf(order)}</dd>
        {paidAt !== null && (
          <>
            <dt>{words.paid}</dt>
            <dd>
              {instant(paidAt)}
              {paidBy !== null && <span class="quiet"> {words.paidBy[paidBy]}</span>}
            </dd>
          </>
        )}
        {reference !== null && (
          <>
            <dt>{words.reference}</dt>
            <dd>{reference}</dd>
          </>
        )}
        {licenses.length > 0 && (
          <>
            <dt>{words.licenses}</dt>
            <dd class="ids">
              {licenses.map((id) => (
                <Copyable key={id} text={id} />
              ))}
              {licenseCount > licenses.length && (
                <span class="quiet">{words.licensesMore(licenseCount - licenses.length)}</span>
              )}
            </dd>
          </>
        )}
      </dl>
      {order.status === 'open' && canChange.value && <PayLinkPart live={live} order={order} />}
      <Acts live={live} order={order} />
    </div>
  );
}

function Lines({ order }: { order: OrderRow }) {
  const words = o.value;
  const { paymentMode } = order;
  const per = paymentMode === 'monthly' ? words.month : words.year;
  // What is perpetual, a pool license and a trial have no payment mode; maintenance is by the year without one.
  const hasPeriods = (item: string) => (paymentMode === null ? item.startsWith('maintenance') : !isOnce(item));
  const money = (amount: number | null) =>
    (amount === null || order.currency === null ? undefined : amountText(amount, order.currency)) ?? s.value.table.none;
  return (
    <table class="table order-lines">
      <TableHead columns={[[words.what], [words.unit, 'right'], [words.amount, 'right']]} />
      <tbody>
        {order.lines.map(({ item, quantity, periods, unitAmount, amount }) => (
          <tr key={item}>
            <th scope="row">
              {words.line(number(quantity), itemName(item))}
              <span class="quiet">{` · ${hasPeriods(item) ? words.periods(periods, per) : words.once}`}</span>
            </th>
            <td class="right soft nowrap">{money(unitAmount)}</td>
            <td class="right nowrap">{money(amount)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A link that the buyer pays at. An address of another kind than https is shown, never followed. */
function PayLinkPart({ live, order }: Props) {
  const words = o.value;
  const [made, setMade] = useState<{ readonly url: string; readonly until: string | null }>();
  const act = useAct(async () => {
    const input = { params: { order: order.id }, body: {} };
    setMade(await live.authority.call('orderPayLink', isPayLink, input));
  });
  const url = made?.url ?? order.payUrl;
  const until = made?.until ?? order.payUntil;
  if (url === null) {
    return (
      <div>
        <button type="button" class="button small" aria-disabled={act.busy} onClick={act.run}>
          {words.payLink}
        </button>
        <ProblemNote problem={act.problem} />
      </div>
    );
  }
  const page = payPage(url);
  return (
    <div>
      <h3>{words.payLink}</h3>
      <CopyBox text={url} label={words.payLink} />
      {page !== undefined && (
        <a href={page} target="_blank" rel="noopener noreferrer">
          {words.payLinkOpen}
        </a>
      )}
      {until !== null && <p class="quiet">{words.payLinkUntil(instant(until))}</p>}
    </div>
  );
}

/** Money is an owner's matter; whoever else looks is told so. */
function Acts({ live, order }: Props) {
  const words = o.value;
  const [asked, setAsked] = useState<'paid' | 'void' | 'refund'>();
  const close = () => setAsked(undefined);
  const acts =
    order.status === 'open' ? (['paid', 'void'] as const) : order.status === 'paid' ? (['refund'] as const) : [];
  const names = { paid: words.markPaid, void: words.void, refund: words.refund };
  if (acts.length === 0) return null;
  if (role.value !== 'owner') return <p class="quiet">{words.ownersOnly}</p>;
  return (
    <div class="actions">
      {acts.map((act) => (
        <button key={act} type="button" class="button small" onClick={() => setAsked(act)}>
          {names[act]}
        </button>
      ))}
      {asked === 'void' && <VoidDialog live={live} order={order} close={close} />}
      {asked !== undefined && asked !== 'void' && (
        <MoneyDialog live={live} order={order} isRefund={asked === 'refund'} close={close} />
      )}
    </div>
  );
}
