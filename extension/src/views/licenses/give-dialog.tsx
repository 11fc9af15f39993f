import { useDraft } from '../../components/use-draft.js';
import { isGrantReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import { Field, SelectField } from '../../components/field.js';
import { GOODS } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import type { CompanyRow } from '../../model/rows.js';
import { b } from '../../texts/buying.js';
import { typeName } from '../../texts/names.js';
import { o } from '../../texts/orders.js';

interface Props {
  readonly live: Live;
  readonly companies: readonly CompanyRow[];
  readonly close: () => void;
}

/** Free licenses of a type change their owner: out of the global pool, or out of a reseller's. */
export function GiveDialog({ live, companies, close }: Props) {
  const words = o.value.grants;
  const types = [...new Set([...GOODS.msp, ...GOODS.aip])];
  const [from, setFrom] = useDraft('give', 'from', '');
  const [chosen, setTo] = useDraft('give', 'chosen', '');
  const [type, setType] = useDraft('give', 'type', types[0]!);
  const [quantity, setQuantity] = useDraft('give', 'quantity', '');
  const below = companies.filter(({ id, parentId }) => id !== from && (parentId ?? '') === from);
  const to = below.some(({ id }) => id === chosen) ? chosen : (below[0]?.id ?? '');
  const parents = companies.filter(({ id }) => companies.some(({ parentId }) => parentId === id));
  const count = Number(quantity);
  const isWhole = to !== '' && Number.isInteger(count) && count >= 1 && count <= 500;
  return (
    <AskDialog
      live={live}
      title={words.giveTitle}
      lead={words.giveLead}
      act={words.giveAct}
      draft="give"
      route="grantCreate"
      isReply={isGrantReply}
      body={isWhole ? { from: from || null, to, type, quantity: count } : undefined}
      close={close}
    >
      <SelectField
        label={words.from}
        value={from}
        set={setFrom}
        options={[{ value: '', label: words.pool }, ...parents.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <SelectField
        label={words.to}
        value={to}
        set={setTo}
        options={below.map(({ id, name }) => ({ value: id, label: name }))}
      />
      <SelectField
        label={b.value.type}
        value={type}
        set={setType}
        options={types.map((value) => ({ value, label: typeName(value) }))}
      />
      <Field
        label={b.value.quantity}
        hint={words.quantityHint}
        kind="number"
        value={quantity}
        set={setQuantity}
        required
      />
    </AskDialog>
  );
}
