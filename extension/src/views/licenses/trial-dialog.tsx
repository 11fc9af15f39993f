import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import { Choice, Field, SelectField } from '../../components/field.js';
import { GOODS } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { b } from '../../texts/buying.js';
import { typeName } from '../../texts/names.js';
import { CompanySelect } from './buy-dialog.js';

/** Trial licenses of a type, once for each type and company. */
export function TrialDialog({ live, close }: { live: Live; close: () => void }) {
  const words = b.value;
  const [profile, setProfile] = useDraft<'msp' | 'aip'>('trial', 'profile', 'msp');
  const types = GOODS[profile];
  const [chosen, setType] = useDraft('trial', 'type', '');
  const type = types.includes(chosen) ? chosen : types[0]!;
  const [company, setCompany] = useDraft('trial', 'company', '');
  const [quantity, setQuantity] = useDraft('trial', 'quantity', '1');
  return (
    <AskDialog
      live={live}
      title={words.trial}
      lead={words.trialLead}
      act={words.trialAct}
      draft="trial"
      route="trialRequest"
      isReply={isChangeReply}
      body={
        /^[1-9]\d{0,3}$/.test(quantity)
          ? { profile, type, quantity: Number(quantity), companyId: company || null }
          : undefined
      }
      close={close}
    >
      <Choice
        label={words.goods}
        value={profile}
        set={setProfile}
        options={(['msp', 'aip'] as const).map((value) => ({ value, label: words.goodsOf[value] }))}
      />
      <SelectField
        label={words.type}
        value={type}
        set={setType}
        options={types.map((value) => ({ value, label: typeName(value) }))}
      />
      <CompanySelect live={live} value={company} set={setCompany} />
      <Field label={words.quantity} kind="number" value={quantity} set={setQuantity} />
    </AskDialog>
  );
}
