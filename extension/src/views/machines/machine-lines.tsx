import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { StatusChip } from '../../components/status-chip.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { isMarked, nameOf } from '../../model/machines.js';
import type { HostRow, MachineRow, Todo } from '../../model/rows.js';
import { recent, shortDay, shortId } from '../../texts/format.js';
import { d } from '../../texts/decide.js';
import { p } from '../../texts/pages.js';
import { hypervisorName, n, osName } from '../../texts/names.js';
import { s } from '../../texts/shell.js';
import { BindDialog } from './decide-dialog.js';
import { MachineDetail } from './machine-detail.js';
import { HostNotice } from './host-notice.js';
import { HostShortage } from './host-shortage.js';
import { coverWords, isByLicense, machineStatus } from './machine-status.js';

export interface LineProps {
  readonly live: Live;
  /** Ids of the machines whose details are open. */
  readonly open: ReadonlySet<string>;
  /** What waits for a person, by machine. */
  readonly todos: ReadonlyMap<string, Todo>;
  readonly hosts: ReadonlyMap<string, HostRow>;
  /** Names of companies, by id. */
  readonly companies: ReadonlyMap<string, string>;
  readonly toggle: (id: string) => void;
}

const ICONS: Readonly<Record<MachineRow['kind'], IconName>> = {
  physical: 'machine',
  guest: 'guest',
  cloud: 'cloud',
  container: 'guest',
  unknown: 'machine',
};

const changed = (live: Live, key: string): string => (live.marked.value.has(key) ? 'changed' : '');

interface HostProps extends LineProps {
  readonly host: HostRow;
  readonly guests: readonly MachineRow[];
  /** Guests that run no agent of ours. */
  readonly others: number;
  readonly isOpen: boolean;
  readonly fold: () => void;
}

export function HostLine({ host, guests, others, isOpen, fold, ...line }: HostProps) {
  const words = p.value.machines;
  const short = guests.flatMap(({ id }) => line.todos.get(id) ?? []).filter(({ kind }) => kind === 'shortage_grace');
  return (
    <>
      <tr role="row" class={`group-row ${changed(line.live, `host:${host.id}`)}`}>
        <th role="rowheader" scope="row">
          <button type="button" class="expander" aria-expanded={isOpen} onClick={fold}>
            <Icon name="chevron" class={isOpen ? 'turned' : ''} />
            <Icon name={host.hciId === null ? 'host' : 'cluster'} />
            <span class="cut">{nameOf(host)}</span>
            <span class="quiet plain">{words.guests(Math.max(host.guests ?? 0, guests.length))}</span>
            <Company id={host.companyId} names={line.companies} />
          </button>
        </th>
        <td role="cell" class="soft cut col-os">
          {hypervisorName(host.hypervisor)}
        </td>
        <td role="cell" class="cut col-cover">
          <HostCover live={line.live} host={host} isShort={short.length > 0} />
        </td>
        <td role="cell" class="col-status">
          <HostState host={host} isShort={short.length > 0} />
        </td>
        <td role="cell" class="col-until" />
        <td role="cell" class="right soft nowrap col-seen">
          {host.reportedAt === null ? (
            words.noInventory
          ) : (
            <Moment at={host.reportedAt}>{words.inventory(recent(host.reportedAt, now.value))}</Moment>
          )}
        </td>
      </tr>
      {short.length > 0 && <HostShortage host={host} short={short} />}
      <HostNotice live={line.live} host={host} />
      {isOpen &&
        guests.map((machine) => <MachineLine key={machine.id} {...line} machine={machine} level={1} host={host} />)}
      {isOpen && others > 0 && (
        <tr role="row">
          <td role="cell" class="span-all tree level-1 quiet">
            <span class="indent">{d.value.others(others)}</span>
          </td>
        </tr>
      )}
    </>
  );
}

/** Whose it is; the provider's own needs no word. */
function Company({ id, names }: { id: string | null | undefined; names: LineProps['companies'] }) {
  return id == null ? null : <span class="quiet plain cut company wide-only">{names.get(id) ?? id}</span>;
}

function HostState({ host, isShort }: { host: HostRow; isShort: boolean }) {
  const { disputed = 0, coveredBy } = host;
  if (disputed > 0) return <StatusChip tone="attention" word={d.value.disputedGuests(disputed)} />;
  return isShort || coveredBy === null ? null : <StatusChip tone="ok" word={n.value.machineStatus.valid} />;
}

/** Its license; else the act that gives it one. */
function HostCover({ live, host, isShort }: { live: Live; host: HostRow; isShort: boolean }) {
  const [isBinding, setBinding] = useState(false);
  if (host.coveredBy !== null) return <CoveredBy id={host.coveredBy} />;
  const words = d.value;
  const name = nameOf(host);
  return (
    <>
      <span class={isShort ? 'attention' : 'quiet'}>{p.value.machines.notCovered}</span>{' '}
      {canChange.value && (
        <button
          type="button"
          class="text-button"
          aria-label={words.title(words.acts.bind, name)}
          onClick={() => setBinding(true)}
        >
          {words.bindShort}
        </button>
      )}
      {isBinding && (
        <BindDialog live={live} to={{ type: 'host', id: host.id }} name={name} close={() => setBinding(false)} />
      )}
    </>
  );
}

interface MachineProps extends LineProps {
  readonly machine: MachineRow;
  readonly level: 0 | 1;
  readonly host: HostRow | undefined;
}

export function MachineLine({ machine, level, host, ...line }: MachineProps) {
  const { live, open, todos, hosts, companies, toggle } = line;
  const { id, kind, leaseUntil, lastSeenAt } = machine;
  const todo = todos.get(id);
  const isOpen = open.has(id);
  const { tone, word, rest, icon } = machineStatus(machine, todo, now.value);
  const isReleased = machine.status === 'released';
  return (
    <>
      <tr role="row" class={`${changed(live, `machine:${id}`)} ${isOpen ? 'opened' : ''}`}>
        <th role="rowheader" scope="row" class={`tree level-${level}`}>
          <button type="button" class="expander" aria-expanded={isOpen} onClick={() => toggle(id)}>
            <Icon name={isMarked(machine, 'fork') ? 'fork' : ICONS[kind]} />
            <span class="cut">{nameOf(machine)}</span>
            {isMarked(machine, 'standby') && <span class="quiet plain wide-only">{d.value.marks.standby}</span>}
            {isMarked(machine, 'fork') && machine.forkedFrom != null && (
              <span class="quiet plain">{d.value.fork.copy}</span>
            )}
            {machine.companyId !== host?.companyId && <Company id={machine.companyId} names={companies} />}
          </button>
        </th>
        <td role="cell" class="soft cut col-os">
          {osName(machine.os)}
        </td>
        <td role="cell" class="cut col-cover">
          <Cover machine={machine} host={host} />
        </td>
        <td role="cell" class="col-status">
          <StatusChip tone={tone} word={word} rest={rest} {...(icon === undefined ? {} : { icon })} />
        </td>
        <td role="cell" class="nowrap col-until">
          {isReleased ? s.value.table.none : <Moment at={leaseUntil}>{shortDay(leaseUntil)}</Moment>}
        </td>
        <td role="cell" class="right soft nowrap col-seen">
          <Moment at={lastSeenAt}>{recent(lastSeenAt, now.value)}</Moment>
        </td>
      </tr>
      {isOpen && (
        <tr role="row" class="detail-row">
          <td role="cell" class={`span-all tree level-${level}`}>
            <MachineDetail
              live={live}
              machine={machine}
              hosts={hosts}
              company={companies.get(machine.companyId ?? '')}
              todo={todo}
            />
          </td>
        </tr>
      )}
    </>
  );
}

/** The license or host that carries it, never only yes or no. */
function Cover({ machine, host }: { machine: MachineRow; host: HostRow | undefined }) {
  const { coveredBy } = machine;
  if (coveredBy === null) return <span class="attention">{coverWords(machine, host)}</span>;
  if (isByLicense(machine)) return <CoveredBy id={coveredBy} />;
  return <span class="soft">{coverWords(machine, host)}</span>;
}

function CoveredBy({ id }: { id: string }) {
  return (
    <span class="cut" title={id}>
      {id.startsWith('key_') && `${n.value.actions['key.apply']} `}
      <span class="mono">{shortId(id, 18)}</span>
    </span>
  );
}
