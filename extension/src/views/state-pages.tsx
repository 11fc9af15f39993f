import { CopyBox } from '../components/copyable.js';
import { Icon } from '../components/icon.js';
import { problemWords } from '../components/problem.js';
import type { Said } from '../feed/feed-status.js';
import type { Stop } from '../connection/saved.js';
import type { Live } from '../model/live.js';
import { hrefOf } from '../model/place.js';
import { Page } from '../shell/page.js';
import { instant } from '../texts/format.js';
import { s } from '../texts/shell.js';

/** Trust is broken: nothing of the authority is shown until a person has judged it. */
export function StoppedPage({ live, stop }: { live: Live; stop: Stop }) {
  const words = s.value.stopPage;
  const { title, body } = s.value.stop[stop.code];
  return (
    <Page title={live.connection.name}>
      <div class="state-page" role="alert">
        <div>
          <p class="stop strong nowrap actions">
            <Icon name="stop" />
            {words.since(instant(stop.at))}
          </p>
          <h2>{title}</h2>
          <p class="soft">{body}</p>
        </div>
        <p>
          {words.lead} {words.effect}
        </p>
        <ol>
          {words.steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <dl class="facts">
          <dt>{words.found}</dt>
          <dd>{stop.detail}</dd>
          <dt>{s.value.settings.address}</dt>
          <dd>{live.connection.url}</dd>
        </dl>
        <div class="field">
          <p class="quiet">{words.root}</p>
          {live.connection.roots.map((root) => (
            <CopyBox key={root} text={root} label={words.root} />
          ))}
        </div>
        <div class="actions">
          <button type="button" class="button primary" onClick={() => void live.checkAgain()}>
            {words.again}
          </button>
          <a class="button" href={hrefOf('settings')}>
            {s.value.nav.switch}
          </a>
        </div>
      </div>
    </Page>
  );
}

/** The token no longer opens the authority. */
export function RefusedPage({ live, problem }: { live: Live; problem: Said }) {
  const { title, next } = problemWords(problem);
  return (
    <Page title={live.connection.name}>
      <div class="state-page" role="alert">
        <div>
          <h2>{title}</h2>
          <p class="soft">{next}</p>
        </div>
        <p>{s.value.refusedPage.effect}</p>
        <div class="actions">
          <a class="button primary" href={hrefOf('connect')}>
            {s.value.refusedPage.reconnect}
          </a>
          <button type="button" class="button" onClick={() => live.follow()}>
            {s.value.failed.again}
          </button>
        </div>
      </div>
    </Page>
  );
}
