import { Choice, Field, SelectField } from '../../components/field.js';
import type { Live } from '../../model/live.js';
import { nameOf } from '../../model/machines.js';
import { place, setQuery } from '../../model/place.js';
import { CHANGES, type Change, type Wish, type WishField } from '../../model/plan.js';
import { calName, count, kindsOf } from '../../model/pools.js';
import type { HostRow, LicenseRow, MachineRow, Pools } from '../../model/rows.js';
import { number, shortId } from '../../texts/format.js';
import { hypervisorName, osName } from '../../texts/names.js';
import { pl } from '../../texts/plan.js';
import { coverWords } from '../machines/machine-status.js';
import { MachinePicker } from './machine-picker.js';

interface FormProps {
  readonly live: Live;
  readonly wish: Wish;
  readonly source: MachineRow | undefined;
  readonly hosts: readonly HostRow[];
  readonly licenses: readonly LicenseRow[];
  readonly pools: Pools | undefined;
}

type Put = (field: WishField) => (value: string) => void;

export function PlanForm(props: FormProps) {
  const { wish } = props;
  const words = pl.value;
  const change = wish.change ?? 'migrate';
  const put: Put = (field) => (value) => {
    // Since this was drawn something else may have been chosen.
    const asked = place.value.query;
    setQuery({ ...(Object.keys(asked).length > 0 ? asked : wish), change, [field]: value || undefined });
  };
  const forms: Readonly<Record<Change, () => preact.JSX.Element>> = {
    migrate: () => <Migration {...props} put={put} />,
    standby: () => <Standby {...props} put={put} />,
    replace: () => <Replacement {...props} put={put} />,
    cluster: () => <Cluster {...props} put={put} />,
    split: () => <Split {...props} put={put} />,
  };
  return (
    <>
      <SelectField
        label={words.change}
        value={change}
        // Fields of another change mean nothing there; the machine is the same.
        set={(value) => setQuery({ change: value, source: wish.source, host: wish.host })}
        options={CHANGES.map((value) => ({ value, label: words.changes[value] }))}
      />
      {(forms[change as Change] ?? forms.migrate)()}
    </>
  );
}

type PartProps = FormProps & { readonly put: Put };

function Source({ live, source, hosts, put, label }: PartProps & { label: string }) {
  const words = pl.value;
  return (
    <MachinePicker
      live={live}
      label={label}
      chosen={source}
      set={put('source')}
      hint={
        source === undefined
          ? words.sourceHint
          : words.chosen(
              osName(source.os),
              coverWords(
                source,
                hosts.find(({ id }) => id === source.hostId),
              ),
            )
      }
    />
  );
}

function HostSelect({ hosts, wish, put, label }: PartProps & { label: string }) {
  const words = pl.value;
  const host = hosts.find(({ id }) => id === wish.host);
  return (
    <SelectField
      label={label}
      value={wish.host ?? ''}
      set={put('host')}
      hint={
        host &&
        words.chosen(
          hypervisorName(host.hypervisor),
          host.coveredBy === null ? words.notCovered : words.covered(shortId(host.coveredBy, 18)),
        )
      }
      options={[{ value: '', label: words.choose }, ...hosts.map((one) => ({ value: one.id, label: nameOf(one) }))]}
    />
  );
}

function Migration(props: PartProps) {
  const { wish, put } = props;
  const words = pl.value;
  const to = wish.to ?? 'host';
  return (
    <>
      <Source {...props} label={words.source} />
      <Choice
        label={words.to}
        value={to}
        set={put('to')}
        options={(['host', 'machine', 'cloud'] as const).map((value) => ({
          value: value as string,
          label: words.targets[value],
        }))}
      />
      {to === 'host' && <HostSelect {...props} label={words.host} />}
      <Choice
        label={words.after}
        value={wish.after ?? 'disposed'}
        set={put('after')}
        options={(['disposed', 'parallel'] as const).map((value) => ({
          value: value as string,
          label: words.afters[value],
        }))}
      />
    </>
  );
}

function Standby(props: PartProps) {
  const words = pl.value;
  return (
    <>
      <Source {...props} label={words.source} />
      <Choice
        label={words.from}
        value={props.wish.from ?? 'backup_files'}
        set={props.put('from')}
        options={(['backup_files', 'live'] as const).map((value) => ({
          value: value as string,
          label: words.froms[value],
        }))}
      />
      <HostSelect {...props} label={words.host} />
    </>
  );
}

function Replacement(props: PartProps) {
  const words = pl.value;
  const what = props.wish.what ?? 'machine';
  return (
    <>
      <Choice
        label={words.replaced}
        value={what}
        set={props.put('what')}
        options={(['machine', 'host'] as const).map((value) => ({
          value: value as string,
          label: words.replaces[value],
        }))}
      />
      {what === 'host' ? <HostSelect {...props} label={words.oldHost} /> : <Source {...props} label={words.machine} />}
    </>
  );
}

function Cluster({ wish, put, licenses }: PartProps) {
  const words = pl.value;
  const groups = licenses.flatMap(
    ({ assignedKind, assignedTo }) => (assignedKind === 'cluster_group' && assignedTo) || [],
  );
  const nodes = wish.nodes ?? '';
  const isWrong = nodes !== '' && !/^([1-9]|[1-5]\d|6[0-4])$/.test(nodes);
  return (
    <>
      <SelectField
        label={words.group}
        value={wish.group ?? ''}
        set={put('group')}
        options={[
          { value: '', label: words.newGroup },
          ...[...new Set(groups)].map((id) => ({ value: id, label: id })),
        ]}
      />
      <Field
        label={words.nodes}
        kind="number"
        hint={words.nodesHint}
        problem={isWrong ? words.nodesWrong : undefined}
        value={nodes}
        set={put('nodes')}
      />
      <Choice
        label={words.os}
        value={wish.os ?? 'windows_server'}
        set={put('os')}
        options={['windows_server', 'linux'].map((value) => ({ value, label: osName(value) }))}
      />
    </>
  );
}

function Split({ wish, put, pools }: PartProps) {
  const words = pl.value;
  const all = pools?.pools ?? [];
  const pool = all.find(({ id }) => id === wish.pool);
  return (
    <>
      <SelectField
        label={words.pool}
        value={wish.pool ?? ''}
        set={put('pool')}
        options={[{ value: '', label: words.choose }, ...all.map(({ id, name }) => ({ value: id, label: name }))]}
      />
      <Field label={words.newPool} value={wish.name ?? ''} set={put('name')} />
      {pool !== undefined &&
        pools !== undefined &&
        kindsOf(pools).map((cal) => (
          <Field
            key={cal}
            kind="number"
            label={words.moved(calName(cal), number(count(pool.quota, cal)))}
            value={wish[`cal_${cal}`] ?? ''}
            set={put(`cal_${cal}`)}
          />
        ))}
    </>
  );
}
