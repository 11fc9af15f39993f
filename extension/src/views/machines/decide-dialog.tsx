import type { RequestOf } from '@leasehold/protocol';
import { useDraft } from '../../components/use-draft.js';
import { isChangeReply, isMachineReleased } from '@leasehold/protocol/guards';
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

type ForkAct = 'fork_replace' | 'fork_retire' | 'fork_license';
type OtherAct = 'standby' | 'bind' | 'release';
type DeclareAct = Exclude<DecideAct, ForkAct | OtherAct>;
export type DecideAct = keyof typeof d.value.effects;

interface Props {
  readonly live: Live;
  readonly act: DecideAct;
  readonly machine: MachineRow;
  /** Of a fork: the machine that it was copied from. */
  readonly original?: MachineRow | undefined;
  readonly close: () => void;
}
type PropsOf<Act> = Props & { readonly act: Act };

/** One decision about a machine: what it does stands there with the authority's answer before it can be made. */
export function DecideDialog({ act, ...rest }: Props) {
  const { live, machine, close } = rest;
  if (act === 'standby') return <StandbyDialog {...rest} act={act} />;
  if (act === 'bind') {
    return <BindDialog live={live} to={{ type: 'machine', id: machine.id }} name={nameOf(machine)} close={close} />;
  }
  if (act === 'release') {
    const head = headOf({ ...rest, act });
    return <AskDialog {...head} danger route="machineRelease" isReply={isMachineReleased} body={{}} />;
  }
  if (act === 'fork_replace' || act === 'fork_retire' || act === 'fork_license') {
    return <ForkDialog {...rest} act={act} />;
  }
  return <DeclareDialog {...rest} act={act} />;
}

/** What every one of these dialogs begins with. */
function headOf({ live, act, machine, original, close }: Props) {
  const words = d.value;
  const name = nameOf(original ?? machine);
  const [title, more] = words.effects[act];
  const free = Date.parse(machine.leaseUntil) > now.value ? words.freeFrom(instant(machine.leaseUntil)) : words.freeNow;
  const effect: Consequence = {
    icon: 'alert',
    title: title(name),
    body: act === 'release' ? `${more} ${free}` : more,
  };
  const verb = words.acts[act];
  return {
    live,
    close,
    params: { machine: machine.id },
    title: words.title(verb, name),
    act: verb,
    consequences: [effect],
  };
}

/** What only a person knows of a machine (AIP-2.1, AIP-2.2, F-6, F-7). */
function DeclareDialog(props: PropsOf<DeclareAct>) {
  const { live, act, original } = props;
  const words = d.value;
  const form = `${act} ${props.machine.id}`;
  const [gone, setGone] = useDraft<'disposed' | 'dead'>(form, 'gone', 'disposed');
  const [note, setNote] = useDraft(form, 'note', '');
  const [other, setOther] = useDraft(form, 'other', original?.id ?? '');
  const body = declarationOf(act, gone, other, note.trim());
  return (
    <AskDialog
      {...headOf(props)}
      draft={form}
      danger={act === 'gone' || act === 'replaces'}
      route="machineDeclare"
      isReply={isChangeReply}
      body={body}
    >
      {act === 'gone' && (
        <Choice
          label={words.kind}
          value={gone}
          set={setGone}
          options={[
            { value: 'disposed', label: words.record.kinds.disposed },
            { value: 'dead', label: words.record.kinds.dead },
          ]}
        />
      )}
      {(act === 'replaces' || act === 'standby_of') && (
        <MachinePicker
          live={live}
          label={words.otherMachine}
          hint={words.otherHint}
          chosen={undefined}
          set={setOther}
          draft={form}
        />
      )}
      {act !== 'in_service' && <Field label={words.note} hint={words.noteHint} value={note} set={setNote} />}
    </AskDialog>
  );
}

/** Undefined while the other machine is still to be named. */
function declarationOf(
  act: DeclareAct,
  gone: 'disposed' | 'dead',
  other: string,
  note: string,
): RequestOf<'machineDeclare'> | undefined {
  const said = note === '' ? {} : { note };
  if (act === 'in_service') return { kind: act };
  if (act === 'gone') return { kind: gone, ...said };
  if (other === '') return undefined;
  return { kind: act === 'replaces' ? act : 'standby_of', of: other, ...said };
}

/** What becomes of a copy: it takes the place of its original, goes out of service, or is licensed as a second machine. */
function ForkDialog(props: PropsOf<ForkAct>) {
  const { live, act, original } = props;
  const form = `${act} ${props.machine.id}`;
  const [license, setLicense] = useDraft(form, 'license', '');
  const decisions = { fork_replace: 'replace', fork_retire: 'retire', fork_license: 'license' } as const;
  return (
    <AskDialog
      {...headOf(props)}
      draft={form}
      danger={act !== 'fork_license'}
      route="forkDecide"
      isReply={isChangeReply}
      body={{ decision: decisions[act], ...(license !== '' && { license }) }}
    >
      {act === 'fork_license' && (
        <LicensePicker
          live={live}
          carrier={original?.coveredBy ?? null}
          none={d.value.asOriginal}
          value={license}
          set={setLicense}
        />
      )}
    </AskDialog>
  );
}

/** A standby that was never started: it waits for the state of this machine (F-6). */
function StandbyDialog(props: PropsOf<'standby'>) {
  const form = `standby ${props.machine.id}`;
  const [typed, setTyped] = useDraft(form, 'name', '');
  const name = typed.trim();
  return (
    <AskDialog
      {...headOf(props)}
      draft={form}
      route="standbyCreate"
      isReply={isChangeReply}
      body={name === '' ? undefined : { name }}
    >
      <Field label={d.value.standbyName} value={typed} set={setTyped} required />
    </AskDialog>
  );
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
  const form = `bind ${to.id}`;
  const [license, setLicense] = useDraft(form, 'license', '');
  const [title, more] = words.effects.bind;
  return (
    <AskDialog
      live={live}
      title={words.title(words.acts.bind, name)}
      act={words.acts.bind}
      draft={form}
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
