import { Copyable } from '../../components/copyable.js';
import { actorName } from '../../components/journal-words.js';
import { Moment } from '../../components/moment.js';
import { now } from '../../model/clock.js';
import type { Live } from '../../model/live.js';
import { hrefOf } from '../../model/place.js';
import type { MachineDetail } from '../../model/rows.js';
import { a } from '../../texts/agent.js';
import { d } from '../../texts/decide.js';
import { instant, listed, number, recent, shortId } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';

/** Checks that were not simply the next of the same machine; the older ones are in the activity. */
const CHECKS = 8;

/** What was said of a machine and by whom, what was seen of it, what it holds. */
export function MachineRecord({ live, detail }: { live: Live; detail: MachineDetail }) {
  const words = d.value.record;
  const { declarations, evidence, seats } = detail;
  return (
    <>
      {declarations.length > 0 && (
        <Record title={words.declared}>
          {declarations.map((said) => (
            <li key={said.id} class={said.withdrawnAt === null ? '' : 'quiet'}>
              <span class="strong">{words.kinds[said.kind]}</span>{' '}
              {said.of !== null && <OtherMachine kind={said.kind} id={said.of} />}
              <Moment class="soft" at={said.at}>
                {words.by(actorName(said.author, live.tokenNames.value), recent(said.at, now.value))}
              </Moment>{' '}
              {said.note !== null && <q>{said.note}</q>}{' '}
              {said.contradictedAt !== null && (
                <span class="attention strong">{words.contradicted(instant(said.contradictedAt))}</span>
              )}{' '}
              {said.withdrawnAt !== null && words.withdrawn(recent(said.withdrawnAt, now.value))}
            </li>
          ))}
        </Record>
      )}
      {evidence.length > 0 && (
        <Record title={words.evidence}>
          {evidence.slice(0, CHECKS).map((check) => (
            <li key={check.at}>
              <Moment class="quiet" at={check.at}>
                {recent(check.at, now.value)}
              </Moment>{' '}
              {[p.value.machines.verdicts[check.verdict], ...findingsOf(check)].join(' · ')}
            </li>
          ))}
        </Record>
      )}
      {seats.length > 0 && (
        <Record title={words.seats}>
          {seats.map(({ license, edition, reusableFrom }) => (
            <li key={license}>
              {typeName(edition)} <Copyable text={license} most={20} />{' '}
              <span class="soft">{reusableFrom === null ? words.held : words.free(instant(reusableFrom))}</span>
            </li>
          ))}
        </Record>
      )}
    </>
  );
}

function Record({ title, children }: { title: string; children: preact.ComponentChildren }) {
  return (
    <section>
      <h2>{title}</h2>
      <ul>{children}</ul>
    </section>
  );
}

function OtherMachine({ kind, id }: { kind: keyof typeof d.value.record.kinds; id: string }) {
  const name = shortId(id, 20);
  const isGone = kind === 'disposed' || kind === 'dead';
  return (
    <>
      <a href={hrefOf('machines', id, { search: id })}>{isGone ? d.value.record.replacedBy(name) : name}</a>{' '}
    </>
  );
}

function findingsOf({ similarity, changed, boot, generation }: MachineDetail['evidence'][number]): readonly string[] {
  const words = d.value.record;
  const parts = listed(changed.map((part) => a.value.parts[part] ?? part));
  return [
    similarity === null ? '' : words.similar(number(similarity)),
    parts === '' ? '' : words.changed(parts),
    boot === 'other' ? words.rebooted : '',
    generation === 'other' ? words.generation : '',
  ].filter((text) => text !== '');
}
