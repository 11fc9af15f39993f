import { useEffect, useMemo } from 'preact/hooks';
import { CopyBox } from '../components/copyable.js';
import { Empty } from '../components/empty.js';
import { Icon } from '../components/icon.js';
import { useAct } from '../components/use-act.js';
import { live } from '../model/app.js';
import { localAgent, type LocalAgentModel } from '../model/local-agent.js';
import { hrefOf } from '../model/place.js';
import { platform } from '../platform.js';
import { Page } from '../shell/page.js';
import { a } from '../texts/agent.js';
import { time } from '../texts/format.js';
import { s } from '../texts/shell.js';
import { AgentFacts } from './agent/agent-facts.js';

/** Often enough for a page that somebody watches; each look starts the native host once. */
const LOOK_MS = 30_000;

/** The agent of the machine that this browser runs on: no connection and no authority is needed for it. */
export function AgentPage() {
  const model = useMemo(() => localAgent(platform, () => Date.now()), []);
  const checkIn = useAct(() => model.checkIn());
  useEffect(() => {
    void model.look();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible' && model.agent.value.phase === 'told') void model.look();
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [model]);
  const agent = model.agent.value;
  const words = a.value;
  return (
    <Page
      title={s.value.nav.agent}
      busy={agent.phase === 'looking' || checkIn.busy}
      aside={
        <>
          {agent.phase === 'told' && <span class="quiet wide-only">{words.askedAt(time(agent.at))}</span>}
          {live.value === undefined && (
            <a class="button" href={hrefOf('connect')}>
              {words.connect}
            </a>
          )}
          {agent.phase === 'told' && (
            <button type="button" class="button" aria-disabled={checkIn.busy} onClick={checkIn.run}>
              {checkIn.busy ? words.updating : words.update}
            </button>
          )}
        </>
      }
    >
      <NotPermitted model={model} />
      <Body model={model} />
    </Page>
  );
}

function Body({ model }: { model: LocalAgentModel }) {
  const agent = model.agent.value;
  const words = a.value;
  if (agent.phase === 'looking') return null;
  if (agent.phase === 'told') return <AgentFacts status={agent.status} />;
  if (agent.phase === 'ask') {
    return (
      <Empty title={words.ask.title} body={agent.isRefused ? words.ask.refused : words.ask.body}>
        <button type="button" class="button primary" onClick={() => void model.allow()}>
          {words.ask.act}
        </button>
      </Empty>
    );
  }
  const again = (
    <button type="button" class="button" onClick={() => void model.look()}>
      {s.value.failed.again}
    </button>
  );
  if (agent.phase === 'no_host') {
    return (
      <Empty title={words.missing.title} body={words.missing.body}>
        <CopyBox text={words.missing.command} label={words.missing.title} />
        {again}
      </Empty>
    );
  }
  const [title, body] = words.none[agent.code];
  return (
    <Empty title={title ?? ''} body={`${body ?? ''} ${agent.detail}`.trim()}>
      {again}
    </Empty>
  );
}

/** A check-in that this user may not ask for; what is known stays. */
function NotPermitted({ model }: { model: LocalAgentModel }) {
  const code = model.refused.value;
  if (code === undefined) return null;
  const [title, body] = a.value.none[code];
  return (
    <div class="note attention-note" role="alert">
      <Icon name="alert" class="attention" />
      <div>
        <p class="strong">{title}</p>
        <p class="soft">{body}</p>
      </div>
    </div>
  );
}
