import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import { Field } from '../../components/field.js';
import type { Live } from '../../model/live.js';
import type { OrderRow } from '../../model/orders.js';
import { o } from '../../texts/orders.js';
import { totalOf } from './order-words.js';

interface Props {
  readonly live: Live;
  readonly order: OrderRow;
  readonly close: () => void;
}

interface MoneyProps extends Props {
  readonly route: 'orderPay' | 'orderRefund';
  readonly title: string;
  readonly lead: string;
  readonly act: string;
}

function MoneyDialog({ live, order, close, route, ...head }: MoneyProps) {
  const words = o.value;
  const form = `${route} ${order.id}`;
  const [reference, setReference] = useDraft(form, 'reference', '');
  return (
    <AskDialog
      {...head}
      live={live}
      draft={form}
      danger={route === 'orderRefund'}
      route={route}
      isReply={isChangeReply}
      params={{ order: order.id }}
      body={reference.trim() === '' ? {} : { reference: reference.trim() }}
      close={close}
    >
      <Field label={words.referenceLabel} hint={words.referenceHint} value={reference} set={setReference} />
    </AskDialog>
  );
}

/** The licenses are there with it. */
export function MarkPaidDialog(props: Props) {
  const words = o.value;
  const n = String(props.order.number);
  const lead = words.markPaidLead(totalOf(props.order));
  return (
    <MoneyDialog {...props} route="orderPay" title={words.markPaidTitle(n)} lead={lead} act={words.markPaidAct(n)} />
  );
}

/** Takes back what the order brought. */
export function RefundDialog(props: Props) {
  const words = o.value;
  const n = String(props.order.number);
  const lead = words.refundLead(totalOf(props.order));
  return (
    <MoneyDialog {...props} route="orderRefund" title={words.refundTitle(n)} lead={lead} act={words.refundAct(n)} />
  );
}

export function VoidDialog({ live, order, close }: Props) {
  const words = o.value;
  const n = String(order.number);
  return (
    <AskDialog
      live={live}
      danger
      title={words.voidTitle(n)}
      act={words.voidAct(n)}
      consequences={[{ icon: 'info', title: words.voidEffect, body: words.voidEffectSub }]}
      route="orderVoid"
      isReply={isChangeReply}
      params={{ order: order.id }}
      body={{}}
      close={close}
    />
  );
}
