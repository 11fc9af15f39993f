import { isChangeReply } from '@leasehold/protocol/guards';
import { useEffect, useId, useState } from 'preact/hooks';
import { Copyable } from '../../components/copyable.js';
import { Dialog, FormDialog } from '../../components/dialog.js';
import { Choice, Field, SelectField } from '../../components/field.js';
import { problemWords } from '../../components/problem.js';
import { useResource } from '../../components/use-resource.js';
import { priceOf, quoteIn, requiredQuantity, type Order } from '../../model/buying.js';
import { now } from '../../model/clock.js';
import { companies, typesToBuy } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { hrefOf } from '../../model/place.js';
import { b } from '../../texts/buying.js';
import { day } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { o } from '../../texts/orders.js';
import { s } from '../../texts/shell.js';

interface BuyProps {
  readonly live: Live;
  readonly close: () => void;
  /** Types that the account has, to begin with. */
  readonly requested: readonly string[];
  readonly type: string;
  /** Filled in by a plan; else what is required. */
  readonly quantity?: number | undefined;
}

const DAY = 86_400_000;
const ADD_ONS = ['premium_support', 'onboarding'] as const;
type Mode = keyof ReturnType<typeof modes>;
const modes = () => b.value.modes;

/** What stands in the form. */
interface Wish {
  readonly type: string;
  readonly company: string;
  /** Undefined until somebody typed: then what is required stands there. */
  readonly typed: string | undefined;
  readonly mode: Mode;
  readonly addOns: readonly string[];
  readonly autoRenew: boolean;
}

function orderOf({ type, company, mode, addOns, autoRenew }: Wish, quantity: string): Order {
  const more = mode === 'before' ? {} : { paymentMode: mode };
  return { type, quantity: Number(quantity), companyId: company || null, addOns: [...addOns], autoRenew, ...more };
}

/** Buy New Licenses (MSP-9): what is required stands in the quantity, what it costs below it before anything is ordered. */
export function BuyDialog({ live, close, requested, type: first, quantity }: BuyProps) {
  const words = b.value;
  const types = typesToBuy(requested);
  const [wish, setWish] = useState<Wish>({
    type: first || (types[0] ?? ''),
    company: '',
    typed: quantity === undefined ? undefined : String(quantity),
    mode: 'before',
    addOns: [],
    autoRenew: true,
  });
  const [ordered, setOrdered] = useState<string>();
  const { type, company, typed } = wish;
  const until = new Date(now.value + 365 * DAY).toISOString().slice(0, 10);
  const asked = useResource(live, `required ${type} ${company}`, () => requiredQuantity(live, type, company, until));
  const required = asked.data.value;
  const text = typed ?? (required === undefined ? '' : String(required.required));
  const order = orderOf(wish, text);
  const put = (change: Partial<Wish>) => setWish({ ...wish, ...change });
  if (ordered !== undefined) return <Ordered id={ordered} close={close} />;
  return (
    <FormDialog
      title={words.buy}
      lead={words.lead}
      act={words.order}
      ready={/^[1-9]\d{0,5}$/.test(text)}
      keepOpen
      close={close}
      run={async () => setOrdered((await live.authority.call('orderCreate', isChangeReply, { body: order })).id ?? '')}
    >
      <SelectField
        label={words.type}
        value={type}
        set={(value) => put({ type: value })}
        options={types.map((value) => ({ value, label: typeName(value) }))}
      />
      <CompanySelect live={live} value={company} set={(value) => put({ company: value })} />
      <Field
        label={words.quantity}
        kind="number"
        value={text}
        set={(value) => put({ typed: value })}
        hint={
          required === undefined
            ? words.asking
            : words.required(required.wanting, required.held, required.required, day(required.until))
        }
      />
      <Terms wish={wish} put={put} />
      {Number(text) > 0 && <Quote live={live} order={order} />}
    </FormDialog>
  );
}

function Terms({ wish, put }: { wish: Wish; put: (change: Partial<Wish>) => void }) {
  const words = b.value;
  const { mode, addOns, autoRenew } = wish;
  return (
    <>
      <Choice
        label={words.mode}
        value={mode}
        set={(value) => put({ mode: value })}
        options={(['before', 'monthly', 'annual'] as const).map((value) => ({ value, label: words.modes[value] }))}
      />
      <p class="quiet">{words.modeHint}</p>
      <fieldset class="field checks">
        <legend>{words.addOns}</legend>
        {ADD_ONS.map((addOn) => (
          <Check
            key={addOn}
            label={words[addOn]}
            isOn={addOns.includes(addOn)}
            set={(isOn) => put({ addOns: isOn ? [...addOns, addOn] : addOns.filter((one) => one !== addOn) })}
          />
        ))}
        <Check label={words.autoRenew} isOn={autoRenew} set={(isOn) => put({ autoRenew: isOn })} />
      </fieldset>
    </>
  );
}

function Check({ label, isOn, set }: { label: string; isOn: boolean; set: (isOn: boolean) => void }) {
  const id = useId();
  return (
    <label class="check" for={id}>
      <input id={id} type="checkbox" checked={isOn} onChange={(event) => set(event.currentTarget.checked)} />
      {label}
    </label>
  );
}

export function CompanySelect({ live, value, set }: { live: Live; value: string; set: (id: string) => void }) {
  const known = useResource(live, 'companies', () => companies(live)).data.value ?? [];
  return (
    <SelectField
      label={b.value.company}
      value={value}
      set={set}
      options={[{ value: '', label: b.value.everyone }, ...known.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}

/** Asked again with every change of the form: the same judgement as the order's own. */
function Quote({ live, order }: { live: Live; order: Order }) {
  const [asked, setAsked] = useState(order);
  const key = JSON.stringify(order);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(order), 250);
    return () => clearTimeout(timer);
  }, [key]);
  const { data, problem } = useResource(live, `quote ${JSON.stringify(asked)}`, () => priceOf(live, asked));
  if (problem.value !== undefined) {
    const { title, next } = problemWords(problem.value);
    return (
      <p class="quote stop" role="status">
        {title} {next}
      </p>
    );
  }
  const decision = data.value?.decision;
  if (decision === undefined) return <p class="quote quiet" role="status" />;
  const { amount, until } = quoteIn(decision.value);
  const end = until === '' ? s.value.table.none : day(until);
  return (
    <p class="quote strong" role="status">
      {amount === undefined ? b.value.byInvoice(end) : b.value.total(amount, end)}
    </p>
  );
}

function Ordered({ id, close }: { id: string; close: () => void }) {
  const words = b.value;
  return (
    <Dialog title={words.ordered} lead={words.orderedLead} close={close}>
      <div class="dialog-body">
        <dl class="facts">
          <dt>{words.orderId}</dt>
          <dd>
            <Copyable text={id} most={36} />
          </dd>
        </dl>
      </div>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          {s.value.dialog.close}
        </button>
        <a class="button primary" href={hrefOf('licenses', 'orders', { order: id })}>
          {o.value.toOrders}
        </a>
      </div>
    </Dialog>
  );
}
