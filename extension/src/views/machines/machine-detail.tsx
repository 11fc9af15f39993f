import { useState } from 'preact/hooks';
import { Copyable } from '../../components/copyable.js';
import { actorName } from '../../components/journal-words.js';
import { ProblemNote } from '../../components/problem.js';
import { reasonOf } from '../../components/reason.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { todoWords } from '../../components/todo.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { isMarked, machineDetail, nameOf, waitingCopy } from '../../model/machines.js';
import type { HostRow, MachineDetail as Detail, MachineRow, Todo } from '../../model/rows.js';
import { t } from '../../texts/core.js';
import { d } from '../../texts/decide.js';
import { bytes, instant, number, recent, span } from '../../texts/format.js';
import { hypervisorName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';
import { DecideDialog, type DecideAct } from './decide-dialog.js';
import { ForkBox } from './fork-box.js';
import { coverWords } from './machine-status.js';
import { MachineRecord } from './machine-record.js';

interface Props {
  readonly live: Live;
  readonly machine: MachineRow;
  readonly hosts: ReadonlyMap<string, HostRow>;
  /** Name of the company whose it is; undefined: the provider's. */
  readonly company: string | undefined;
  readonly todo: Todo | undefined;
}

/** What is known of a machine, below its row: what waits for a person, identity, cover, lease, record, and what can be
 * decided about it. */
export function MachineDetail({ live, machine, hosts, company, todo }: Props) {
  const resource = useResource(live, `machine ${machine.id}`, () => machineDetail(live, machine.id));
  const detail = resource.data.value;
  const lead = leadOf(machine, todo, detail);
  const isFork = isMarked(machine, 'fork');
  return (
    <div class="detail">
      {lead !== undefined && (
        <p>
          <span class="strong">{lead[0]}</span> <span class="soft">{lead[1]}</span>
        </p>
      )}
      <ProblemNote problem={resource.problem.value} again={() => void resource.load()} />
      {isFork && <Fork live={live} machine={machine} hosts={hosts} />}
      {machine.status !== 'released' && <LeaseLine machine={machine} todo={isFork ? undefined : todo} />}
      <Facts
        machine={machine}
        host={hosts.get(machine.hostId ?? '')}
        company={company}
        fork={detail?.fork ?? null}
        names={live.tokenNames.value}
      />
      {detail !== undefined && <MachineRecord live={live} detail={detail} />}
      {canChange.value && <Acts live={live} machine={machine} />}
    </div>
  );
}

function Fork({ live, machine, hosts }: Pick<Props, 'live' | 'machine' | 'hosts'>) {
  const copy = useResource(live, `copy ${machine.id}`, () => waitingCopy(live, machine)).data.value;
  return copy?.fork ? <ForkBox live={live} copy={copy} fork={copy.fork} hosts={hosts} /> : null;
}

/** A grace by its own name with its instant, else how long the machine may stay away. */
function LeaseLine({ machine, todo }: { machine: MachineRow; todo: Todo | undefined }) {
  const labels = p.value.machines.detail;
  const isGrace = todo !== undefined && todo.kind in p.value.machines.graces;
  const since = Date.parse(isGrace ? todo.since : machine.lastSeenAt);
  const until = Date.parse(isGrace ? todo.until : machine.leaseUntil);
  const left = until - now.value;
  return (
    <p class="lease-line">
      <span class="quiet">
        {isGrace ? p.value.machines.graces[todo.kind as keyof typeof p.value.machines.graces] : labels.lease}
      </span>
      <TimeRuler since={since} until={until} tone={isGrace ? 'attention' : 'neutral'} />
      <span class="strong">{left > 0 ? t.value.todo.left(span(left)) : t.value.todo.ago(span(-left))}</span>
      <span class="soft">{labels.leaseUntil(instant(until))}</span>
    </p>
  );
}

interface FactsProps extends Pick<Props, 'machine' | 'company'> {
  readonly host: HostRow | undefined;
  readonly fork: Detail['fork'];
  readonly names: ReadonlyMap<string, string>;
}

function Facts({ machine, host, company, fork, names }: FactsProps) {
  const words = p.value.machines;
  const labels = words.detail;
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    [p.value.licenses.company, company],
    [labels.kind, words.kinds[machine.kind]],
    [labels.identity, fork?.decision ? d.value.decided[fork.decision] : words.verdicts[machine.verdict]],
    [labels.host, host === undefined ? machine.hostId : nameOf(host)],
    [labels.reported, host?.reportedAt && reportOf(host, names, host.reportedAt)],
    [labels.hypervisor, machine.hypervisor && hypervisorName(machine.hypervisor)],
    [words.coveredBy, coverWords(machine, host)],
    [labels.rule, ruleOf(machine)],
    [labels.product, `${machine.product} ${machine.version}`],
    [labels.usage, labels.jobs(number(machine.jobs), bytes(machine.bytes))],
  ];
  return (
    <dl class="facts columns-of-facts">
      <div>
        <dt>{labels.id}</dt>
        <dd>
          <Copyable text={machine.id} most={28} />
        </dd>
      </div>
      {facts.map(
        ([label, value]) =>
          value && (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** When the host's inventory came, and from whom. */
function reportOf({ reportedBy }: HostRow, names: ReadonlyMap<string, string>, at: string): string {
  return [recent(at, now.value), ...(reportedBy == null ? [] : [actorName(reportedBy, names)])].join(' · ');
}

/** The rule that was decided by, in its own sentence. */
function ruleOf({ rule, status }: MachineRow): string | undefined {
  if (rule === null) return undefined;
  const decision = status === 'stopped' ? 'needs' : status === 'valid' || status === 'offline' ? 'allow' : 'warn';
  const sentenceOf = (reason: string) => reasonOf({ decision, reason_rule: reason }).sentence;
  return sentenceOf(rule) === sentenceOf('') ? rule : `${rule} · ${sentenceOf(rule)}`;
}

function leadOf(
  machine: MachineRow,
  todo: Todo | undefined,
  detail: Detail | undefined,
): readonly [string, string] | undefined {
  const words = p.value.machines;
  const name = nameOf(machine);
  if (detail?.stale.decision === 'warn') {
    const { sentence, cure } = reasonOf(detail.stale);
    return [sentence, cure];
  }
  if (todo !== undefined && todo.kind in words.graces) return [todoWords(todo, now.value).until, words.graceBody];
  if (machine.status === 'stopped') return [words.stoppedLead(name), words.stoppedBody];
  if (machine.status === 'offline' && machine.standbyOf == null && !isMarked(machine, 'fork')) {
    return [`${name}:`, words.offlineBody(instant(machine.leaseUntil))];
  }
  return undefined;
}

/** What makes sense for it now, what takes something back first. */
function actsFor(machine: MachineRow): readonly DecideAct[] {
  if (machine.status === 'released') return [];
  if (isMarked(machine, 'disposed')) return ['in_service', 'release'];
  const stale = isMarked(machine, 'stale');
  return [
    ...(stale ? (['release'] as const) : []),
    'gone',
    'replaces',
    'standby_of',
    'standby',
    'bind',
    ...(stale ? [] : (['release'] as const)),
  ];
}

function Acts({ live, machine }: { live: Live; machine: MachineRow }) {
  const [asked, setAsked] = useState<DecideAct>();
  return (
    <div class="actions">
      {actsFor(machine).map((act) => (
        <button key={act} type="button" class="button small" onClick={() => setAsked(act)}>
          {`${d.value.acts[act]}…`}
        </button>
      ))}
      {asked !== undefined && (
        <DecideDialog live={live} act={asked} machine={machine} close={() => setAsked(undefined)} />
      )}
    </div>
  );
}
