import { isChangeReply } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { ConfirmDialog, FormDialog } from '../../components/dialog.js';
import { Choice, Field } from '../../components/field.js';
import type { Live } from '../../model/live.js';
import type { LicenseRow } from '../../model/rows.js';
import { p } from '../../texts/pages.js';

interface Props {
  readonly live: Live;
  readonly close: () => void;
}

export function AssignDialog({ live, license, close }: Props & { license: LicenseRow }) {
  const words = p.value.licenses;
  const [to, setTo] = useState('');
  const [kind, setKind] = useState<'computer' | 'domain'>('computer');
  return (
    <FormDialog
      title={words.assignTitle(license.id)}
      act={words.assignAct(license.id)}
      ready={to.trim() !== ''}
      close={close}
      run={async () => {
        const input = { params: { license: license.id }, body: { to: to.trim(), kind } };
        await live.authority.call('licenseAssign', isChangeReply, input);
      }}
    >
      <Choice
        label={words.assignKind}
        value={kind}
        set={setKind}
        options={[
          { value: 'computer', label: words.computerKind },
          { value: 'domain', label: words.domainKind },
        ]}
      />
      <Field label={words.assignTo} hint={words.assignHint} value={to} set={setTo} required />
    </FormDialog>
  );
}

/** Takes licenses off their computers, one call each; what was done before a failure stays done, and shows in the list. */
export function RevokeDialog({ live, licenses, close }: Props & { licenses: readonly LicenseRow[] }) {
  const words = p.value.licenses;
  const first = licenses[0]?.id ?? '';
  return (
    <ConfirmDialog
      title={words.revokeTitle(licenses.length, first)}
      lead={words.revokeLead}
      act={words.revokeAct(licenses.length, first)}
      close={close}
      consequences={licenses.slice(0, 5).map((license) => ({
        icon: 'alert',
        tone: 'attention',
        title: words.revokeEffect(license.computerName ?? license.assignedTo ?? license.id),
        body: words.revokeEffectSub,
      }))}
      run={async () => {
        for (const { id } of licenses) {
          await live.authority.call('licenseRelease', isChangeReply, { params: { license: id }, body: {} });
        }
      }}
    />
  );
}
