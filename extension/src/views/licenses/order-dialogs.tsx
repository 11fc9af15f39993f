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

/** Paid elsewhere: the licenses are there with it. Or given back: takes back what the order brought. */
export function MoneyDialog({ live, order, close, isRefund }: Props & { readonly isRefund: boolean }) {
  const words = o.value;
  const n = String(order.number);
  const total = totalOf(order);
  const [route, title, lead, act] = isRefund
    ? (['orderRefund', words.refundTitle(n), words.refundLead(total), words.refundAct(n)] as const)
    : (['orderPay', words.markPaidTitle(n), words.markPaidLead(total), words.markPaidAct(n)] as const);
  const form = `${route} ${order.id}`;
  const [reference, setReference] = useDraft(form, 'reference', '');
  return (
    <AskDialog
      live={live}
      title={title}
      lead={lead}
      act={act}
      draft={form}
      danger={isRefund}
      route={route}
      isReply={isChangeReply}
      params={{ order: order.id }}
      body={reference.trim() === '' ? {} : { reference: reference.trim() }}
      close={close}
    >
      <Field label={words.reference} hint={words.referenceHint} value={reference} set={setReference} />
    </AskDialog>
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
