import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { StatusChip } from '../../components/status-chip.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import type { OrderRow } from '../../model/orders.js';
import { b } from '../../texts/buying.js';
import { endOf, listed, number, recent, shortDay, shortSpan } from '../../texts/format.js';
import { o } from '../../texts/orders.js';
import { s } from '../../texts/shell.js';
import { OrderDetail } from './order-detail.js';
import { itemName, totalOf } from './order-words.js';

interface LineProps {
  readonly live: Live;
  readonly order: OrderRow;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}

export function OrderLine({ live, order, isOpen, toggle }: LineProps) {
  const words = o.value;
  const what = listed(order.lines.map(({ item, quantity }) => words.line(number(quantity), itemName(item))));
  return (
    <>
      <tr class={live.marked.value.has(`order:${order.id}`) ? 'changed' : ''}>
        <th scope="row">{order.number}</th>
        <td>
          <span class="strong">{what || words.kinds[order.kind]}</span>
          <span class="quiet wide-only">
            {' '}
            {words.kinds[order.kind]}
            {order.automatic && ` · ${words.automatic}`}
          </span>
        </td>
        <td class="soft wide-only">{order.companyName ?? b.value.everyone}</td>
        <td class="right nowrap wide-only">{totalOf(order)}</td>
        <td class="soft nowrap wide-only">
          <Moment at={order.createdAt}>{recent(order.createdAt, now.value)}</Moment>
        </td>
        <td class="order-status">
          <OrderStatus order={order} />
        </td>
        <td class="right">
          <button type="button" class="icon-button" aria-expanded={isOpen} onClick={toggle}>
            <Icon name={isOpen ? 'down' : 'chevron'} label={`${s.value.table.details}: ${order.number}`} />
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="detail-row">
          <td colSpan={7}>
            <OrderDetail live={live} order={order} />
          </td>
        </tr>
      )}
    </>
  );
}

/** What a person has to look at comes first; an open order says until when it is to be paid. */
function OrderStatus({ order }: { order: OrderRow }) {
  const words = o.value;
  if (order.attention !== null) return <StatusChip tone="attention" word={words.attention[order.attention]} />;
  if (order.status !== 'open') {
    return <StatusChip tone={order.status === 'paid' ? 'ok' : 'muted'} word={words.status[order.status]} />;
  }
  const rest = endOf(order.dueDay) - now.value;
  return rest < 0 ? (
    <StatusChip tone="attention" word={words.status.open} rest={words.overdue(shortSpan(rest))} />
  ) : (
    <StatusChip tone="plain" icon="clock" word={words.status.open} rest={`${words.due} ${shortDay(order.dueDay)}`} />
  );
}
