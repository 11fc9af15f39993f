import type { ProblemCode } from '@leasehold/protocol';
import { CopyBox } from '../../components/copyable.js';
import { Icon } from '../../components/icon.js';
import type { LocalStatus } from '../../model/local-agent.js';
import { a } from '../../texts/agent.js';
import { instant } from '../../texts/format.js';
import { p } from '../../texts/pages.js';
import { language } from '../../texts/language.js';
import { s } from '../../texts/shell.js';

/** What is wrong, as the agent itself says it: code, sentence, next step. */
export function Problems({ problems }: { problems: LocalStatus['problems'] }) {
  const words = a.value;
  if (problems.length === 0) return null;
  return (
    <section>
      <div class="section-head">
        <h2>{words.problems}</h2>
      </div>
      <ul class="box lines agent-box">
        {problems.map((problem) => {
          const [title, next] = wordsOf(problem);
          return (
            <li key={problem.code} class="problem-line">
              <Icon name="alert" class="attention" />
              <div>
                <p class="strong">{title}</p>
                <p class="soft">{next}</p>
              </div>
              <p class="quiet right">
                {problem.code}
                <br />
                {words.since(instant(problem.since))}
              </p>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** The agent says more than the code alone, but it says it in English. */
function wordsOf({ code, message, remedy }: LocalStatus['problems'][number]): readonly [string, string] {
  const known = language.value === 'en' ? undefined : s.value.problem[code as ProblemCode];
  return known ?? [message, remedy];
}

const ICONS = { value: 'ok', absent: 'minus', not_permitted: 'alert' } as const;
const TONES = { value: 'ok', absent: 'quiet', not_permitted: 'attention' } as const;

export function Identity({ status }: { status: LocalStatus }) {
  const words = a.value;
  const { identity, machine } = status;
  return (
    <section>
      <div class="section-head">
        <h2>{p.value.machines.detail.identity}</h2>
        <p class="quiet">{words.identitySub}</p>
      </div>
      <div class="box agent-box">
        <p class={machine === 'changed' ? 'attention strong' : 'soft'}>
          {machine === 'changed' ? words.changed : words.identities[identity.state]}
        </p>
        <ul class="parts-of-machine">
          {Object.entries(identity.parts).map(([name, state]) => (
            <li key={name}>
              <Icon name={ICONS[state]} size={14} class={TONES[state]} />
              <span>{words.parts[name] ?? name.replaceAll('_', ' ')}</span>
              <span class="quiet">{words.partStates[state]}</span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** The whole answer of the agent: redacted there, so that it may be sent. */
export function Diagnostics({ status }: { status: LocalStatus }) {
  const words = a.value;
  return (
    <section class="agent-report">
      <div class="section-head">
        <h2>{words.diagnostics}</h2>
        <p class="quiet">{words.diagnosticsSub}</p>
      </div>
      <CopyBox text={JSON.stringify(status, null, 2)} label={words.copy} />
    </section>
  );
}
