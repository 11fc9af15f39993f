import { parseConnection } from '@leasehold/protocol';
import { useEffect, useId, useState } from 'preact/hooks';
import { BrandMark } from '../components/icon.js';
import { ProblemNote } from '../components/problem.js';
import { useAct } from '../components/use-act.js';
import { connect, givenConnections } from '../connection/connect.js';
import { connections, show } from '../model/connections.js';
import { go, hrefOf } from '../model/place.js';
import { platform } from '../platform.js';
import { a } from '../texts/agent.js';
import { s } from '../texts/shell.js';

function hostIn(pasted: string): string | undefined {
  try {
    return new URL(parseConnection(pasted).url).host;
  } catch {
    return undefined;
  }
}

function StringField({ value, set }: { value: string; set: (value: string) => void }) {
  const id = useId();
  const words = s.value.connect;
  const host = hostIn(value);
  return (
    <div class="field">
      <label for={id}>{words.label}</label>
      <textarea
        id={id}
        class="input mono"
        value={value}
        placeholder={words.placeholder}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-note`}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p id={`${id}-note`} class="quiet">
        {host === undefined ? (
          <>
            {words.where} <code class="mono">{words.command}</code>
            {words.whereEnd}
          </>
        ) : (
          words.host(host)
        )}
      </p>
    </div>
  );
}

/** Connections that came by policy: chosen instead of pasted, and connected by the same click. */
function Given({ given, set }: { given: readonly string[]; set: (value: string) => void }) {
  if (given.length === 0) return null;
  return (
    <div class="given">
      <p class="quiet">{s.value.connect.given}</p>
      {given.map((text) => (
        <button key={text} type="button" class="button small" onClick={() => set(text)}>
          {hostIn(text)}
        </button>
      ))}
    </div>
  );
}

/** One pasted string, one click. What goes wrong stands below it, with the next step. */
export function ConnectPage() {
  const [pasted, setPasted] = useState('');
  const words = s.value.connect;
  const [given, setGiven] = useState<readonly string[]>([]);
  useEffect(() => void givenConnections(platform).then(setGiven), []);
  const act = useAct(async () => {
    const saved = await connect(platform, pasted, Date.now());
    await show(platform, saved.id);
    go(hrefOf('overview'));
  });
  return (
    <main class="connect" id="content">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.run();
        }}
      >
        <div class="top">
          <BrandMark />
          <h1>{words.title}</h1>
        </div>
        <p class="soft">{words.lead}</p>
        <Given given={given} set={setPasted} />
        <StringField value={pasted} set={setPasted} />
        <ProblemNote problem={act.problem} />
        <div class="actions">
          <button type="submit" class="button primary" disabled={pasted.trim() === ''} aria-disabled={act.busy}>
            {words.submit}
          </button>
          {(connections.value?.length ?? 0) > 0 && (
            <a class="button" href={hrefOf('overview')}>
              {s.value.dialog.cancel}
            </a>
          )}
        </div>
        <div class="saving-line" data-on={act.busy} />
        <p class="quiet" role="status">
          {act.busy ? words.busy : words.kept}
        </p>
        {connections.value?.length === 0 && <a href={hrefOf('agent')}>{a.value.instead}</a>}
      </form>
    </main>
  );
}
