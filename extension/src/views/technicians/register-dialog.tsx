import { useDraft } from '../../components/use-draft.js';
import { isMediaStamped } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { FormDialog } from '../../components/dialog.js';
import { Choice, Field } from '../../components/field.js';
import { ResultDialog } from '../../components/result-dialog.js';
import { saveFile } from '../../components/save-file.js';
import type { Live } from '../../model/live.js';
import { d } from '../../texts/decide.js';
import { p } from '../../texts/pages.js';
import { osName } from '../../texts/names.js';

const YEAR_DAYS = '365';

/** Stamps a medium (AIP-9.1) and hands its passport out, to be written beside the boot files. */
export function RegisterDialog({ live, close }: { live: Live; close: () => void }) {
  const words = p.value.technicians;
  const [media, setMedia] = useDraft('medium', 'media', '');
  const [base, setBase] = useDraft<'linux' | 'winpe'>('medium', 'base', 'linux');
  const [licensee, setLicensee] = useDraft('medium', 'licensee', live.me.value?.name ?? '');
  const [technician, setTechnician] = useDraft('medium', 'technician', '');
  // A secret is not kept.
  const [pin, setPin] = useState('');
  const [days, setDays] = useDraft('medium', 'days', YEAR_DAYS);
  const [passport, setPassport] = useState<string>();
  const validDays = /^\d{1,4}$/.test(days) ? Number(days) : 0;
  if (passport !== undefined) {
    return (
      <ResultDialog title={words.passportTitle(media)} lead={words.passportLead} text={passport} close={close}>
        <button type="button" class="button" onClick={() => saveFile('passport.jws', 'application/jose', passport)}>
          {words.download}
        </button>
      </ResultDialog>
    );
  }
  const isReady = media.trim() !== '' && licensee.trim() !== '' && validDays >= 1 && validDays <= 3660;
  return (
    <FormDialog
      title={words.registerTitle}
      lead={words.registerLead}
      act={words.registerAct}
      draft="medium"
      ready={isReady}
      keepOpen
      close={close}
      run={async () => {
        const secret = pin === '' ? {} : { pin };
        const who = technician.trim() === '' ? {} : { technician: technician.trim(), ...secret };
        const body = { media: media.trim(), base, licensee: licensee.trim(), validDays, ...who };
        setPassport((await live.authority.call('mediaStamp', isMediaStamped, { body })).passport);
      }}
    >
      <Field label={words.mediumId} hint={words.mediumHint} value={media} set={setMedia} mono required />
      <Choice
        label={words.base}
        value={base}
        set={setBase}
        options={[
          { value: 'linux', label: osName('linux') },
          { value: 'winpe', label: osName('winpe') },
        ]}
      />
      <Field label={words.licensee} value={licensee} set={setLicensee} required />
      <Field label={words.technician} hint={words.technicianHint} value={technician} set={setTechnician} />
      {technician.trim() !== '' && <Field label={d.value.pin} hint={d.value.pinHint} value={pin} set={setPin} mono />}
      <Field label={words.validDays} value={days} set={setDays} kind="number" required />
    </FormDialog>
  );
}
