import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { FeedState } from './components/feed-state.js';
import { Headline, StateBar } from './components/health.js';
import { BrandMark, Icon } from './components/icon.js';
import { TimeRuler } from './components/time-ruler.js';
import { todoWords } from './components/todo.js';
import { glanceKey, type SavedConnection } from './connection/saved.js';
import type { FeedStatus } from './feed/feed-status.js';
import { active, connections, show, startPage } from './model/connections.js';
import { now, setServerTime } from './model/clock.js';
import { glanceFrom, readGlance, type Glance } from './model/glance.js';
import type { Overview, Todo } from './model/rows.js';
import { waiting } from './model/todos.js';
import { platform } from './platform.js';
import { t } from './texts/core.js';
import { instant, setTimeZone } from './texts/format.js';

const SHOWN = 5;
/** While the popup is open the worker looks again this often. */
const LOOK_MS = 5000;
const CONNECTING = { phase: 'connecting', since: 0 } as const;

function open(place: string): void {
  void platform.openConsole(place).then(() => window.close());
}

function Head({ shown, status }: { shown: SavedConnection; status: FeedStatus }) {
  return (
    <header>
      <BrandMark />
      <h1>{shown.name}</h1>
      <FeedState status={status} />
    </header>
  );
}

/** Every other connection with its state; pressed, it is the one that is shown. */
function Others({ shown }: { shown: SavedConnection }) {
  const others = connections.value?.filter(({ id }) => id !== shown.id) ?? [];
  if (others.length === 0) return null;
  return (
    <ul class="others" aria-label={t.value.popup.switch}>
      {others.map((connection) => (
        <Other key={connection.id} connection={connection} />
      ))}
    </ul>
  );
}

function Other({ connection }: { connection: SavedConnection }) {
  const glance = useGlance(connection.id);
  return (
    <li>
      <button type="button" class="todo other" onClick={() => void show(platform, connection.id)}>
        <span class="strong">{connection.name}</span>
        <FeedState status={glance?.status ?? CONNECTING} />
      </button>
    </li>
  );
}

function TodoRow({ todo }: { todo: Todo }) {
  const { icon, tone, title, until, rest } = todoWords(todo, now.value);
  return (
    <li>
      <button type="button" class="todo" onClick={() => open('/overview')}>
        <Icon name={icon} class={tone} />
        <span class="what">
          <span class="strong">{title}</span>
          <span class="soft">{until}</span>
        </span>
        <span class="when">
          <span class={`strong ${tone === 'stop' ? 'stop' : ''}`}>{rest}</span>
          <TimeRuler since={Date.parse(todo.since)} until={Date.parse(todo.until)} width={68} />
        </span>
      </button>
    </li>
  );
}

/** What the worker last left in storage, from then on as it changes. */
function useGlance(id: string): Glance | undefined {
  const [glance, setGlance] = useState(first.get(id));
  useEffect(() => {
    void readGlance(platform, id).then(setGlance);
    return platform.watch((changed) => {
      const key = glanceKey(id);
      if (key in changed) setGlance(glanceFrom(platform, changed[key]));
    });
  }, [id]);
  return glance;
}

/** Days and rests are told by the zone and the clock of the authority that is shown. */
function takeTimesOf(glance: Glance | undefined): void {
  setTimeZone(glance?.timeZone);
  if (glance?.overview !== undefined) setServerTime(glance.overview.serverTime, glance.at);
}

function Known({ overview }: { overview: Overview }) {
  const todos = waiting(overview.todos);
  return (
    <>
      <div class="summary">
        <Headline machines={overview.machines} short />
        <StateBar machines={overview.machines} />
      </div>
      <ul>
        {todos.slice(0, SHOWN).map((todo) => (
          <TodoRow key={todo.id} todo={todo} />
        ))}
      </ul>
      {todos.length > SHOWN && <p class="more quiet">{t.value.popup.more(todos.length - SHOWN)}</p>}
      {todos.length === 0 && (
        <p class="none">
          <Icon name="ok" class="ok" />
          <span>{t.value.todo.none}</span>
        </p>
      )}
    </>
  );
}

/** What is shown is not the present; it says of when. */
function AsOf({ glance }: { glance: Glance | undefined }) {
  if (glance?.overview === undefined) return null;
  return <p class="more quiet">{t.value.feed.asOf(instant(glance.overview.serverTime))}</p>;
}

function Shut({ isStopped, words }: { isStopped: boolean; words: string }) {
  return (
    <p class="none" role="alert">
      <Icon name={isStopped ? 'stop' : 'alert'} class={isStopped ? 'stop' : 'attention'} />
      <span>{words}</span>
    </p>
  );
}

function Shown({ shown }: { shown: SavedConnection }) {
  const glance = useGlance(shown.id);
  useEffect(() => takeTimesOf(glance), [glance]);
  const phase = glance?.status.phase;
  const words = t.value.popup;
  const shut = phase === 'stopped' || phase === 'refused' ? words.shut[phase] : undefined;
  return (
    <>
      <Head shown={shown} status={glance?.status ?? CONNECTING} />
      <main aria-busy={glance === undefined}>
        {shut !== undefined && <Shut isStopped={phase === 'stopped'} words={shut} />}
        {shut === undefined && glance?.overview !== undefined && <Known overview={glance.overview} />}
        {phase === 'offline' && <AsOf glance={glance} />}
        <Others shown={shown} />
      </main>
      <footer>
        <button type="button" class="button primary" onClick={() => open('/overview')}>
          {shut === undefined ? words.open : words.look}
        </button>
      </footer>
    </>
  );
}

function NoConnection() {
  return (
    <main class="welcome">
      <BrandMark />
      <h1>{t.value.popup.empty}</h1>
      <p class="soft">{t.value.popup.emptySub}</p>
      <button type="button" class="button primary" onClick={() => open('/connect')}>
        {t.value.popup.connect}
      </button>
    </main>
  );
}

function Popup() {
  const shown = active.value;
  if (connections.value === undefined) return null;
  return shown === undefined ? <NoConnection /> : <Shown key={shown.id} shown={shown} />;
}

/** What was read before the first paint: the popup opens with its answer, not with an empty page. */
const first = new Map<string, Glance | undefined>();

async function openWithAnswer(into: HTMLElement): Promise<void> {
  await startPage(platform);
  const id = active.value?.id;
  if (id !== undefined) {
    const glance = await readGlance(platform, id);
    first.set(id, glance);
    takeTimesOf(glance);
  }
  render(<Popup />, into);
  // The worker starts a process of its own: not before the answer is on the screen.
  requestAnimationFrame(() => setTimeout(() => void lookWhileOpen()));
}

async function lookWhileOpen(): Promise<void> {
  await platform.wakeWorker();
  setTimeout(() => void lookWhileOpen(), LOOK_MS);
}

const root = document.getElementById('app');
if (root !== null) void openWithAnswer(root);
