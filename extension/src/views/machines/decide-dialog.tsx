import { isChangeReply, isMachineReleased } from '@leasehold/protocol/guards';
import { useState } from 'preact/hooks';
import { AskDialog } from '../../components/ask-dialog.js';
import type { Consequence } from '../../components/dialog.js';
import { Choice, Field } from '../../components/field.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { nameOf } from '../../model/machines.js';
import type { MachineRow } from '../../model/rows.js';
import { d } from '../../texts/decide.js';
import { instant } from '../../texts/format.js';
import { MachinePicker } from '../plan/machine-picker.js';
import { LicensePicker } from './license-picker.js';

export type DecideAct = keyof typeof d.value.effects;

interface Props {
  readonly live: Live;
  readonly act: DecideAct;
  readonly machine: MachineRow;
  /** Of a fork: the machine that it was copied from. */
  readonly original?: MachineRow | undefined;
  readonly close: () => void;
}

/** One decision about a machine: what it does stands there with the authority's answer before it can be made. */
export function DecideDialog({ live, act, machine, original, close }: Props) {
  const words = d.value;
  const [gone, setGone] = useState<'disposed' | 'dead'>('disposed');
  const [note, setNote] = useState('');
  const [text, setText] = useState('');
  const params = { machine: machine.id };
  const name = nameOf(original ?? machine);
  const common = { live, params, close, title: words.title(words.acts[act], name), act: words.acts[act] };
  const consequences = [effectOf(act, name, machine)];
  const said = note.trim() === '' ? {} : { note: note.trim() };
  const noted = <Field label={words.note} hint={words.noteHint} value={note} set={setNote} />;
  const license = <LicensePicker live={live} carrier={original?.coveredBy ?? null} value={text} set={setText} />;
  const declare = { ...common, consequences, route: 'machineDeclare', isReply: isChangeReply } as const;
  const fork = { ...common, consequences, route: 'forkDecide', isReply: isChangeReply } as const;
  switch (act) {
    case 'gone':
      return (
        <AskDialog {...declare} danger body={{ kind: gone, ...said }}>
          <Choice
            label={words.kind}
            value={gone}
            set={setGone}
            options={[
              { value: 'disposed', label: words.disposed },
              { value: 'dead', label: words.dead },
            ]}
          />
          {noted}
        </AskDialog>
      );
    case 'in_service':
      return <AskDialog {...declare} body={{ kind: act }} />;
    case 'replaces':
    case 'standby_of':
      return (
        <AskDialog
          {...declare}
          danger={act === 'replaces'}
          body={text === '' ? undefined : { kind: act, of: text, ...said }}
        >
          <MachinePicker
            live={live}
            label={words.otherMachine}
            hint={words.otherHint}
            chosen={undefined}
            set={setText}
          />
          {noted}
        </AskDialog>
      );
    case 'fork_standby':
      return <AskDialog {...declare} body={{ kind: 'standby_of', of: original?.id ?? '' }} />;
    case 'fork_replace':
      return <AskDialog {...fork} danger body={{ decision: 'replace' }} />;
    case 'fork_retire':
      return <AskDialog {...fork} danger body={{ decision: 'retire' }} />;
    case 'fork_license':
      return (
        <AskDialog {...fork} body={text === '' ? undefined : { decision: 'license', license: text }}>
          {license}
        </AskDialog>
      );
    case 'standby':
      return (
        <AskDialog
          {...common}
          consequences={consequences}
          route="standbyCreate"
          isReply={isChangeReply}
          body={text.trim() === '' ? undefined : { name: text.trim() }}
        >
          <Field label={words.standbyName} value={text} set={setText} required />
        </AskDialog>
      );
    case 'bind':
      return <BindDialog live={live} to={{ type: 'machine', id: machine.id }} name={name} close={close} />;
    case 'release':
      return (
        <AskDialog
          {...common}
          consequences={consequences}
          danger
          route="machineRelease"
          isReply={isMachineReleased}
          body={{}}
        />
      );
  }
}

function effectOf(act: Props['act'], name: string, { leaseUntil }: MachineRow): Consequence {
  const words = d.value;
  const [title, more] = words.effects[act];
  const free = Date.parse(leaseUntil) > now.value ? words.freeFrom(instant(leaseUntil)) : words.freeNow;
  return { icon: 'alert', title: title(name), body: act === 'release' ? `${more} ${free}` : more };
}

interface BindProps {
  readonly live: Live;
  readonly to: { readonly type: 'machine' | 'host'; readonly id: string };
  readonly name: string;
  readonly close: () => void;
}

/** Holds a seat for a machine or host, also before anything is activated there (AIP-1.1, AIP-6.1). */
export function BindDialog({ live, to, name, close }: BindProps) {
  const words = d.value;
  const [license, setLicense] = useState('');
  const [title, more] = words.effects.bind;
  return (
    <AskDialog
      live={live}
      title={words.title(words.acts.bind, name)}
      act={words.acts.bind}
      consequences={[{ icon: 'key', title: title(name), body: more }]}
      route="licenseBind"
      isReply={isChangeReply}
      params={{ license }}
      body={license === '' ? undefined : { to }}
      close={close}
    >
      <LicensePicker live={live} carrier={null} value={license} set={setLicense} />
    </AskDialog>
  );
}
