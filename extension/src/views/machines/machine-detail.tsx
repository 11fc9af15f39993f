import { Copyable } from '../../components/copyable.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { todoWords } from '../../components/todo.js';
import { now } from '../../model/clock.js';
import { nameOf } from '../../model/machines.js';
import type { HostRow, MachineRow, Todo } from '../../model/rows.js';
import { t } from '../../texts/core.js';
import { bytes, instant, number, span } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';

/** What is known of a machine, below its row: identity, cover, lease, use. */
export function MachineDetail(props: { machine: MachineRow; host: HostRow | undefined; todo: Todo | undefined }) {
  const { machine, host, todo } = props;
  const words = p.value.machines;
  const labels = words.detail;
  const lead = leadOf(machine, todo);
  const until = Date.parse(machine.leaseUntil);
  const facts: readonly (readonly [string, string])[] = [
    [labels.kind, words.kinds[machine.kind]],
    [labels.identity, words.verdicts[todo?.kind === 'fork' ? 'cloned' : machine.verdict]],
    [labels.host, host === undefined ? s.value.table.none : nameOf(host)],
    [labels.hypervisor, machine.hypervisor ?? s.value.table.none],
    [labels.rule, machine.rule ?? s.value.table.none],
    [labels.product, `${machine.product} ${machine.version}`],
    [labels.usage, labels.jobs(number(machine.jobs), bytes(machine.bytes))],
  ];
  return (
    <div class="detail">
      {lead !== undefined && (
        <p>
          <span class="strong">{lead[0]}</span> <span class="soft">{lead[1]}</span>
        </p>
      )}
      {machine.status !== 'released' && (
        <p class="lease-line">
          <span class="quiet">{labels.lease}</span>
          <TimeRuler since={Date.parse(machine.lastSeenAt)} until={until} tone="neutral" />
          <span class="strong">
            {until > now.value ? t.value.todo.left(span(until - now.value)) : t.value.todo.ago(span(now.value - until))}
          </span>
          <span class="soft">{labels.leaseUntil(instant(until))}</span>
        </p>
      )}
      <dl class="facts columns-of-facts">
        <div>
          <dt>{labels.id}</dt>
          <dd>
            <Copyable text={machine.id} most={28} />
          </dd>
        </div>
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function leadOf(machine: MachineRow, todo: Todo | undefined): readonly [string, string] | undefined {
  const words = p.value.machines;
  const name = nameOf(machine);
  if (todo?.kind === 'fork') return [`${name}:`, words.verdicts.cloned];
  if (todo !== undefined && todo.kind in words.graces) return [todoWords(todo, now.value).until, words.graceBody];
  if (machine.status === 'stopped') return [words.stoppedLead(name), words.stoppedBody];
  if (machine.status === 'grace') return [`${name}:`, words.graceBody];
  if (machine.status === 'offline') return [`${name}:`, words.offlineBody(instant(machine.leaseUntil))];
  return undefined;
}
