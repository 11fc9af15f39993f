import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { FormDialog } from '../../components/dialog.js';
import { Choice, Field } from '../../components/field.js';
import type { Live } from '../../model/live.js';
import { go, hrefOf } from '../../model/place.js';
import type { PoolRow } from '../../model/rows.js';
import { lp } from '../../texts/pools.js';

/** Create New License Pool: name and type (LMP-3.3); then straight to its quota. */
export function CreatePoolDialog({ live, close }: { live: Live; close: () => void }) {
  const words = lp.value;
  const [name, setName] = useDraft('pool', 'name', '');
  const [type, setType] = useDraft<PoolRow['type']>('pool', 'type', 'OEM');
  return (
    <FormDialog
      title={words.create}
      lead={words.createLead}
      act={words.createAct}
      draft="pool"
      ready={name.trim() !== ''}
      close={close}
      run={async () => {
        const reply = await live.authority.call('poolCreate', isChangeReply, { body: { name: name.trim(), type } });
        if (reply.id !== undefined) go(hrefOf('pools', reply.id));
      }}
    >
      <Field label={words.name} value={name} set={setName} required />
      <Choice
        label={words.type}
        value={type}
        set={setType}
        options={[
          { value: 'OEM', label: 'OEM' },
          { value: 'Standard', label: 'Standard' },
        ]}
      />
    </FormDialog>
  );
}
