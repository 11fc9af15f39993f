import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { FormDialog } from '../../components/dialog.js';
import { Field, SelectField } from '../../components/field.js';
import { typesToBuy } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { b } from '../../texts/buying.js';
import { typeName } from '../../texts/names.js';
import { CompanySelect } from './buy-dialog.js';

/** Trial licenses of a type, once for each type and company. */
export function TrialDialog({
  live,
  requested,
  close,
}: {
  live: Live;
  requested: readonly string[];
  close: () => void;
}) {
  const words = b.value;
  const types = typesToBuy(requested);
  const [type, setType] = useState(types[0] ?? '');
  const [company, setCompany] = useDraft('trial company', '');
  const [quantity, setQuantity] = useDraft('trial quantity', '1');
  return (
    <FormDialog
      title={words.trial}
      lead={words.trialLead}
      act={words.trialAct}
      ready={/^[1-9]\d{0,3}$/.test(quantity)}
      close={close}
      run={async () => {
        const body = { type, quantity: Number(quantity), companyId: company || null };
        await live.authority.call('trialRequest', isChangeReply, { body });
      }}
    >
      <SelectField
        label={words.type}
        value={type}
        set={setType}
        options={types.map((value) => ({ value, label: typeName(value) }))}
      />
      <CompanySelect live={live} value={company} set={setCompany} />
      <Field label={words.quantity} kind="number" value={quantity} set={setQuantity} />
    </FormDialog>
  );
}
