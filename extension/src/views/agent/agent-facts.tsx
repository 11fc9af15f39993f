import { Copyable } from '../../components/copyable.js';
import { Icon } from '../../components/icon.js';
import { Moment } from '../../components/moment.js';
import { reasonOf } from '../../components/reason.js';
import { StatusChip, type Tone } from '../../components/status-chip.js';
import { TimeRuler } from '../../components/time-ruler.js';
import { now } from '../../model/clock.js';
import type { LocalStatus } from '../../model/local-agent.js';
import { a } from '../../texts/agent.js';
import { t } from '../../texts/core.js';
import { day, instant, recent, span } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { s } from '../../texts/shell.js';
import { Diagnostics, Identity, Problems } from './agent-parts.js';

const TONES: Readonly<Record<LocalStatus['state'], Tone>> = {
  licensed: 'ok',
  offline: 'attention',
  lapsed: 'stop',
  denied: 'stop',
  not_activated: 'muted',
  damaged: 'stop',
};

/** The answer first, then how long it holds, then what it stands on. */
export function AgentFacts({ status }: { status: LocalStatus }) {
  return (
    <>
      <Answer status={status} />
      <Problems problems={status.problems} />
      <div class="columns">
        <div class="stack">
          <Lease status={status} />
          <Contact status={status} />
        </div>
        <div class="stack">
          <Identity status={status} />
          <Diagnostics status={status} />
        </div>
      </div>
    </>
  );
}

function Answer({ status }: { status: LocalStatus }) {
  const words = a.value;
  const { backup, state } = status;
  const { sentence, cure, rule } = reasonOf(backup);
  return (
    <section class="health">
      <div class="headline">
        <p class="answer">{words.answer[backup.decision]}</p>
        <p class="soft">{words.restores}</p>
      </div>
      <p class="agent-state">
        <StatusChip tone={TONES[state]} word={words.states[state]} />
        {backup.decision !== 'allow' && (
          <span class="soft">
            {sentence} {cure} <span class="quiet">{rule}</span>
          </span>
        )}
      </p>
    </section>
  );
}

const GRACES = ['renewalGraceUntil', 'shortageGraceUntil', 'replaceKeyUntil'] as const;

function Lease({ status }: { status: LocalStatus }) {
  const words = a.value;
  const { offlineUntil, lastContact } = status;
  return (
    <section>
      <div class="section-head">
        <h2>{p.value.machines.detail.lease}</h2>
      </div>
      <div class="box agent-box">
        {offlineUntil === null ? (
          <p class="soft">{words.noLease}</p>
        ) : (
          <Until
            label={p.value.machines.offlineUntil}
            since={lastContact ?? offlineUntil}
            until={offlineUntil}
            tone="neutral"
          />
        )}
        {GRACES.map((grace) => {
          const until = status[grace];
          return (
            until !== null && (
              <Until key={grace} label={words.graces[grace]} since={lastContact ?? until} until={until} />
            )
          );
        })}
        <dl class="facts">
          <dt>{words.license}</dt>
          <dd>{status.license === null ? s.value.table.none : <Copyable text={status.license} most={28} />}</dd>
          <dt>{words.instance}</dt>
          <dd>{status.instance === null ? s.value.table.none : <Copyable text={status.instance} most={28} />}</dd>
          <dt>{p.value.machines.detail.product}</dt>
          <dd>
            {status.product} {status.version}
          </dd>
          {status.keyset !== null && (
            <>
              <dt>{words.keyset}</dt>
              <dd class={status.keyset.endsSoon ? 'attention' : ''}>{words.keysetUntil(day(status.keyset.until))}</dd>
            </>
          )}
        </dl>
      </div>
    </section>
  );
}

function Until(props: { label: string; since: string; until: string; tone?: 'neutral' }) {
  const { label, since, until, tone = 'attention' } = props;
  const end = Date.parse(until);
  const isOver = end <= now.value;
  const rest = span(Math.abs(end - now.value));
  return (
    <div class="until-line">
      <p>
        <span class="soft">{label}</span>{' '}
        <Moment at={until} class="strong">
          {instant(until)}
        </Moment>
      </p>
      <TimeRuler since={Date.parse(since)} until={end} tone={tone} />
      <span class={`strong nowrap ${isOver ? 'stop' : ''}`}>
        {isOver ? t.value.todo.ago(rest) : t.value.todo.left(rest)}
      </span>
    </div>
  );
}

function Contact({ status }: { status: LocalStatus }) {
  const words = a.value;
  const { lastContact, nextContact, missedDays, clock } = status;
  return (
    <section>
      <div class="section-head">
        <h2>{words.contact}</h2>
        {missedDays > 0 && (
          <p class="attention with-icon">
            <Icon name="alert" size={14} />
            {words.missed(missedDays)}
          </p>
        )}
      </div>
      <div class="box agent-box">
        <dl class="facts">
          <dt>{p.value.machines.lastSeen}</dt>
          <dd>
            {lastContact === null ? words.never : <Moment at={lastContact}>{recent(lastContact, now.value)}</Moment>}
          </dd>
          <dt>{words.nextContact}</dt>
          <dd>{nextContact === null ? words.byTimer : <Moment at={nextContact}>{instant(nextContact)}</Moment>}</dd>
          <dt>{words.clock}</dt>
          <dd class={clock === 'ok' ? '' : 'attention'}>{words.clocks[clock]}</dd>
        </dl>
      </div>
    </section>
  );
}
