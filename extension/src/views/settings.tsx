import { useEffect, useState } from 'preact/hooks';
import { CopyBox } from '../components/copyable.js';
import { ConfirmDialog } from '../components/dialog.js';
import { Choice } from '../components/field.js';
import { Icon } from '../components/icon.js';
import { discardDraftsOf } from '../components/use-draft.js';
import { readTrust, removeConnection, type SavedConnection, type Trust } from '../connection/saved.js';
import { connections, show } from '../model/connections.js';
import type { Live } from '../model/live.js';
import { hrefOf } from '../model/place.js';
import { choose, preferences, type LanguageChoice, type Theme } from '../model/preferences.js';
import { platform } from '../platform.js';
import { Page } from '../shell/page.js';
import { t } from '../texts/core.js';
import { instant, number } from '../texts/format.js';
import { s } from '../texts/shell.js';

/** Connections with what pins them; language and theme. */
export function SettingsPage({ live }: { live: Live }) {
  const words = s.value.settings;
  return (
    <Page title={s.value.nav.settings}>
      <section class="settings">
        <div class="section-head">
          <h2>{s.value.nav.switch}</h2>
          <a class="button small end" href={hrefOf('connect')}>
            <Icon name="plus" size={14} />
            {words.add}
          </a>
        </div>
        <ul class="box connections">
          {(connections.value ?? []).map((connection) => (
            <ConnectionCard key={connection.id} connection={connection} live={live} />
          ))}
        </ul>
      </section>
      <Look />
      <Notifications />
    </Page>
  );
}

function Look() {
  const words = s.value.settings;
  const { language, theme } = preferences.value;
  return (
    <section class="settings">
      <div class="section-head">
        <h2>{words.look}</h2>
        <p class="quiet">{words.keptHere}</p>
      </div>
      <div class="box choices">
        <Choice<LanguageChoice>
          label={words.language}
          value={language}
          set={(chosen) => void choose(platform, { language: chosen })}
          options={[
            { value: 'system', label: words.asSystem },
            { value: 'en', label: 'English' },
            { value: 'ja', label: '日本語' },
          ]}
        />
        <Choice<Theme>
          label={words.theme}
          value={theme}
          set={(chosen) => void choose(platform, { theme: chosen })}
          options={[
            { value: 'system', label: words.asSystem },
            { value: 'light', label: words.light },
            { value: 'dark', label: words.dark },
          ]}
        />
      </div>
    </section>
  );
}

/** The permission itself is the switch: the browser asks when it is turned on, and has it back when it is turned off. */
function Notifications() {
  const words = s.value.settings;
  const [isOn, setOn] = useState<boolean>();
  const [isRefused, setRefused] = useState(false);
  useEffect(() => {
    void platform.hasPermission('notifications').then(setOn);
  }, []);
  const turn = async (on: boolean) => {
    const granted = on && (await platform.requestPermission('notifications'));
    if (!on) await platform.releasePermission('notifications');
    setOn(granted);
    setRefused(on && !granted);
  };
  return (
    <section class="settings">
      <div class="section-head">
        <h2>{words.notify}</h2>
        <p class="quiet">{words.notifySub}</p>
      </div>
      <div class="box choices">
        <Choice<'on' | 'off'>
          label={words.notifyWhat}
          value={isOn === true ? 'on' : 'off'}
          set={(chosen) => void turn(chosen === 'on')}
          options={[
            { value: 'off', label: words.off },
            { value: 'on', label: words.on },
          ]}
        />
        {isRefused && <p class="attention">{words.notifyRefused}</p>}
      </div>
    </section>
  );
}

function ConnectionCard({ connection, live }: { connection: SavedConnection; live: Live }) {
  const [isRemoving, setRemoving] = useState(false);
  const words = s.value.settings;
  const isShown = live.connection.id === connection.id;
  const { id, name, url } = connection;
  return (
    <li class="connection">
      <div class="section-head">
        <h3>{name}</h3>
        {isShown && <span class="quiet">{words.shown}</span>}
        <span class="end actions">
          {!isShown && (
            <button type="button" class="button small" onClick={() => void show(platform, id)}>
              {words.show}
            </button>
          )}
          <button type="button" class="button small" onClick={() => setRemoving(true)}>
            {words.remove}
          </button>
        </span>
      </div>
      <ConnectionFacts connection={connection} live={isShown ? live : undefined} />
      {isRemoving && (
        <ConfirmDialog
          title={words.removeTitle(name)}
          act={words.removeAct(name)}
          consequences={[{ icon: 'unlink', title: new URL(url).host, body: words.removeBody }]}
          close={() => setRemoving(false)}
          run={async () => {
            await removeConnection(platform, id);
            discardDraftsOf(id);
          }}
        />
      )}
    </li>
  );
}

function useTrust(id: string): Trust | undefined {
  const [trust, setTrust] = useState<Trust>();
  useEffect(() => {
    void readTrust(platform, id).then(setTrust);
  }, [id]);
  return trust;
}

function ConnectionFacts({ connection, live }: { connection: SavedConnection; live: Live | undefined }) {
  const words = s.value.settings;
  const trust = useTrust(connection.id);
  const me = live?.me.value;
  const seq = live?.seq.value ?? trust?.anchor?.seq;
  const verified =
    seq === undefined || trust?.verifiedAt === undefined
      ? words.never
      : words.entry(number(seq), instant(trust.verifiedAt));
  return (
    <>
      <dl class="facts">
        <dt>{words.address}</dt>
        <dd>{connection.url}</dd>
        <dt>{words.account}</dt>
        <dd>{connection.account}</dd>
        {me !== undefined && (
          <>
            <dt>{words.role}</dt>
            <dd>{t.value.roles[me.role]}</dd>
            <dt>{words.token}</dt>
            <dd>{words.tokenKept(me.tokenName)}</dd>
            <dt>{words.version}</dt>
            <dd>{me.version}</dd>
          </>
        )}
        <dt>{words.verified}</dt>
        <dd>{verified}</dd>
      </dl>
      <div class="field">
        <p class="quiet">{words.root}</p>
        {connection.roots.map((root) => (
          <CopyBox key={root} text={root} label={words.root} />
        ))}
        <p class="quiet">{words.rootSub}</p>
      </div>
    </>
  );
}
