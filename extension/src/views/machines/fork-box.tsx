import { useState } from 'preact/hooks';
import { TimeRuler } from '../../components/time-ruler.js';
import { useResource } from '../../components/use-resource.js';
import { canChange } from '../../model/app.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { machineDetail, nameOf } from '../../model/machines.js';
import type { HostRow, MachineDetail, MachineRow } from '../../model/rows.js';
import { a } from '../../texts/agent.js';
import { d } from '../../texts/decide.js';
import { instant, listed, number, recent, shortDay } from '../../texts/format.js';
import { osName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { coverWords } from './machine-status.js';
import { DecideDialog, type DecideAct } from './decide-dialog.js';

interface Props {
  readonly live: Live;
  /** The machine that was copied off. */
  readonly copy: MachineDetail;
  readonly fork: NonNullable<MachineDetail['fork']>;
  readonly hosts: ReadonlyMap<string, HostRow>;
}

type Values = readonly (readonly [label: string, value: string])[];

/** Both branches side by side, what differs in medium weight; each act says what becomes of the other. */
export function ForkBox({ live, copy, fork, hosts }: Props) {
  const words = d.value.fork;
  const [asked, setAsked] = useState<DecideAct>();
  const original = useResource(live, `machine ${fork.of}`, () => machineDetail(live, fork.of)).data.value?.machine;
  const before = original && valuesOf(original, hosts);
  const act = (name: DecideAct) =>
    canChange.value && (
      <button type="button" class="button" onClick={() => setAsked(name)}>
        {`${d.value.acts[name]}…`}
      </button>
    );
  const until = Date.parse(fork.until);
  const since = Date.parse(fork.since);
  return (
    <section class="fork" aria-label={words.title(nameOf(copy.machine))}>
      <div class="fork-head">
        <p>
          <span class="strong">{words.title(nameOf(copy.machine))}</span>{' '}
          <span class="soft">
            {words.since(instant(since), instant(until))} {fork.undecided && words.undecided}
          </span>
        </p>
        <TimeRuler since={since} until={until} width={120} />
      </div>
      <div class="fork-sides">
        <div>
          <h2>{words.original}</h2>
          {before !== undefined && <Side values={before} other={undefined} />}
          {act('fork_retire')}
        </div>
        <div>
          <h2>{words.copy}</h2>
          <Side values={[...valuesOf(copy.machine, hosts), ...likenessOf(copy, fork.of)]} other={before} />
          {act('fork_replace')}
        </div>
        <div class="fork-both">
          <h2>{words.both}</h2>
          <p class="soft">{words.bothSub}</p>
          {act('fork_license')}
          {act('fork_standby')}
        </div>
      </div>
      {asked !== undefined && original !== undefined && (
        <DecideDialog
          live={live}
          act={asked}
          machine={copy.machine}
          original={original}
          close={() => setAsked(undefined)}
        />
      )}
    </section>
  );
}

function valuesOf(row: MachineRow, hosts: Props['hosts']): Values {
  const labels = p.value.machines;
  const host = row.hostId === null ? undefined : hosts.get(row.hostId);
  return [
    [labels.detail.id, row.id],
    [labels.detail.host, host === undefined ? (row.hostId ?? s.value.table.none) : nameOf(host)],
    [p.value.licenses.os, osName(row.os)],
    [labels.coveredBy, coverWords(row, host)],
    [labels.lastSeen, recent(row.lastSeenAt, now.value)],
    [labels.offlineUntil, shortDay(row.leaseUntil)],
  ];
}

function Side({ values, other }: { values: Values; other: Values | undefined }) {
  const known = new Map(other);
  return (
    <dl class="facts">
      {values.map(([label, value]) => (
        <>
          <dt key={label}>{label}</dt>
          <dd class={other !== undefined && known.get(label) !== value ? 'strong' : ''}>{value}</dd>
        </>
      ))}
    </dl>
  );
}

/** How like the other it was when it was found to be a copy. */
function likenessOf({ evidence }: MachineDetail, of: string): Values {
  const words = d.value.fork;
  const found = evidence.find(({ kin }) => kin === of) ?? evidence[0];
  if (found === undefined) return [];
  const parts = listed(found.changed.map((part) => a.value.parts[part] ?? part));
  return [
    ...(found.similarity === null ? [] : [[words.similarity, words.limit(number(found.similarity))] as const]),
    ...(parts === '' ? [] : [[words.changed, parts] as const]),
  ];
}
