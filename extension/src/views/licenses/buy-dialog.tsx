import { isChangeReply } from '@leasehold/protocol/guards';
import type { ReplyOf } from '@leasehold/protocol';
import { useEffect, useId, useState } from 'preact/hooks';
import { FormDialog } from '../../components/dialog.js';
import { Choice, Field, SelectField } from '../../components/field.js';
import { ResultDialog } from '../../components/result-dialog.js';
import { useDraft } from '../../components/use-draft.js';
import { problemWords } from '../../components/problem.js';
import { useResource } from '../../components/use-resource.js';
import { priceOf, quoteIn, requiredQuantity, type Order } from '../../model/buying.js';
import { companies, GOODS } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { calName } from '../../model/pools.js';
import { hrefOf } from '../../model/place.js';
import { b } from '../../texts/buying.js';
import { day } from '../../texts/format.js';
import { n, typeName } from '../../texts/names.js';
import { o } from '../../texts/orders.js';
import { CALS, COUNT, isOnce, orderOf, wishFor, type Asked, type Mode, type Wish } from './buy-wish.js';

interface BuyProps extends Asked {
  readonly live: Live;
  readonly close: () => void;
}

const ADD_ONS = ['premium_support', 'onboarding'] as const;

/** Buy New Licenses (MSP-9): what is required stands in the quantity, what it costs below it before anything is ordered. */
export function BuyDialog({ live, close, goods, type, quantity }: BuyProps) {
  const words = b.value;
  // What a plan filled in is another form than what a person began.
  const form = `order ${goods} ${type} ${quantity ?? ''}`;
  const [wish, setWish] = useDraft(form, 'wish', wishFor({ goods, type, quantity }));
  const [ordered, setOrdered] = useState<string>();
  const required = useRequired(live, wish);
  const text = wish.typed ?? (wish.goods === 'msp' ? String(required?.required ?? '') : '1');
  const order = orderOf(wish, text);
  const isReady = COUNT.test(text) && (wish.goods !== 'lmp' || CALS.some((cal) => COUNT.test(wish.cals[cal] ?? '')));
  const put = (change: Partial<Wish>) => setWish({ ...wish, ...change });
  if (ordered !== undefined) {
    return (
      <ResultDialog title={words.ordered} lead={words.orderedLead} text={ordered} close={close}>
        <a class="button primary" href={hrefOf('licenses', 'orders', { order: ordered })}>
          {o.value.toOrders}
        </a>
      </ResultDialog>
    );
  }
  return (
    <FormDialog
      title={words.buy}
      lead={words.lead}
      act={words.order}
      draft={form}
      ready={isReady}
      keepOpen
      close={close}
      run={async () => setOrdered((await live.authority.call('orderCreate', isChangeReply, { body: order })).id ?? '')}
    >
      <What live={live} wish={wish} put={put} />
      <Field
        label={words.quantity}
        kind="number"
        value={text}
        set={(value) => put({ typed: value })}
        hint={wish.goods === 'msp' ? requiredWords(required) : undefined}
      />
      {wish.goods === 'msp' && (
        <Field label={words.until} kind="date" value={wish.until} set={(until) => put({ until })} />
      )}
      <Terms live={live} wish={wish} put={put} />
      {isReady && <Quote live={live} order={order} />}
    </FormDialog>
  );
}

type Required = ReplyOf<'licensesRequired'>;

/** Of machines and pools nobody counts what is required. */
function useRequired(live: Live, { goods, type, company, until }: Wish): Required | undefined {
  const counted = goods === 'msp' && until !== '' ? type : undefined;
  return useResource(live, `required ${counted} ${company} ${until}`, () =>
    requiredQuantity(live, counted, company, until),
  ).data.value;
}

function requiredWords(required: Required | undefined): string {
  if (required === undefined) return b.value.asking;
  return b.value.required(required.wanting, required.held, required.required, day(required.until));
}

interface PartProps {
  readonly wish: Wish;
  readonly put: (change: Partial<Wish>) => void;
}

/** The goods, and for whom. Pool licenses are the account's, and bring client access licenses. */
function What({ live, wish, put }: PartProps & { live: Live }) {
  const words = b.value;
  const { goods, type, cals, company } = wish;
  return (
    <>
      <Choice
        label={words.goods}
        value={goods}
        set={(value) => put({ goods: value, type: GOODS[value][0] ?? '' })}
        options={(['msp', 'aip', 'lmp'] as const).map((value) => ({ value, label: words.goodsOf[value] }))}
      />
      <SelectField
        label={words.type}
        value={type}
        set={(value) => put({ type: value })}
        options={GOODS[goods].map((value) => ({ value, label: typeName(value) }))}
      />
      {goods !== 'lmp' && <CompanySelect live={live} value={company} set={(value) => put({ company: value })} />}
      {goods === 'lmp' &&
        CALS.map((cal) => (
          <Field
            key={cal}
            label={`${calName(cal)} CALs`}
            kind="number"
            value={cals[cal] ?? ''}
            set={(value) => put({ cals: { ...cals, [cal]: value } })}
          />
        ))}
    </>
  );
}

function Terms({ live, wish, put }: PartProps & { live: Live }) {
  const words = b.value;
  const { goods, addOns, autoRenew } = wish;
  return (
    <>
      {wish.goods === 'aip' && (
        <Choice
          label={words.term}
          value={wish.term}
          set={(value) => put({ term: value })}
          options={(['subscription', 'perpetual'] as const).map((value) => ({ value, label: n.value.terms[value] }))}
        />
      )}
      {!isOnce(wish) && <PaymentMode live={live} wish={wish} put={put} />}
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
        {goods === 'msp' && <Check label={words.autoRenew} isOn={autoRenew} set={(isOn) => put({ autoRenew: isOn })} />}
      </fieldset>
    </>
  );
}

/** Asked with the first purchase alone; it stays for those that follow (MSP-11). A dry run that names none says which. */
function PaymentMode({ live, wish, put }: PartProps & { live: Live }) {
  const words = b.value;
  const { company, mode } = wish;
  const order = orderOf({ ...wish, ...ANY, mode: '' }, '1');
  const { data, problem } = useResource(live, `payment mode ${company}`, () => priceOf(live, order));
  const fixed = data.value?.decision?.value?.['paymentMode'] as Mode | undefined;
  if (fixed !== undefined) {
    return (
      <p class="quiet">
        {words.mode}: {words.modes[fixed]}
      </p>
    );
  }
  if (problem.value === undefined) return null;
  return (
    <>
      <Choice
        label={words.mode}
        value={mode}
        set={(value) => put({ mode: value })}
        options={(['monthly', 'annual'] as const).map((value) => ({ value, label: words.modes[value] }))}
      />
      <p class="quiet">{words.modeHint}</p>
    </>
  );
}

/** Goods that have a payment mode. */
const ANY = { goods: 'msp', type: GOODS.msp[0] ?? '', addOns: [] } as const;

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
  const price = amount ?? b.value.byInvoice;
  return (
    <p class="quote strong" role="status">
      {until === '' ? price : b.value.total(price, day(until))}
    </p>
  );
}
