import { useState } from 'preact/hooks';
import { FeedState } from '../components/feed-state.js';
import { BrandMark, Icon, type IconName } from '../components/icon.js';
import { useOutside } from '../components/use-outside.js';
import { connections, show } from '../model/connections.js';
import type { Live } from '../model/live.js';
import { hrefOf, place, type PageName } from '../model/place.js';
import { platform } from '../platform.js';
import { t } from '../texts/core.js';
import { time } from '../texts/format.js';
import { s } from '../texts/shell.js';

type Item = {
  readonly page: PageName;
  readonly icon: IconName;
  readonly group?: 'organization';
  readonly opens?: boolean;
};
const ITEMS: readonly Item[] = [
  { page: 'overview', icon: 'home' },
  { page: 'licenses', icon: 'license', group: 'organization' },
  { page: 'pools', icon: 'layers', group: 'organization' },
  { page: 'machines', icon: 'machine', group: 'organization' },
  { page: 'technicians', icon: 'medium', group: 'organization' },
  { page: 'plan', icon: 'plan', opens: true },
  { page: 'exchange', icon: 'exchange' },
  { page: 'activity', icon: 'activity' },
];
const ENDS: readonly Item[] = [
  { page: 'agent', icon: 'screen' },
  { page: 'settings', icon: 'settings' },
];
/** On a phone's width these stay in the bar; the rest moves behind More. */
const IN_BAR = new Set<PageName>(['overview', 'licenses', 'pools', 'machines']);

function nameOf(page: PageName): string {
  return page === 'connect' ? s.value.connect.title : s.value.nav[page];
}

function shortNameOf(page: PageName): string {
  return page === 'machines' || page === 'technicians' ? s.value.nav.short[page] : nameOf(page);
}

function NavItem({ item, todos }: { item: Item; todos?: number }) {
  const { page, icon, opens = false } = item;
  const isHere = place.value.page === page;
  return (
    <li class={`${IN_BAR.has(page) ? '' : 'beyond-bar'} ${opens ? 'nav-gap' : ''}`}>
      <a class="nav-item" href={hrefOf(page)} aria-current={isHere ? 'page' : undefined} title={nameOf(page)}>
        <Icon name={icon} />
        <span class="long">{nameOf(page)}</span>
        <span class="brief">{shortNameOf(page)}</span>
        {todos !== undefined && todos > 0 && (
          <span class="nav-count" aria-label={s.value.nav.todo(todos)}>
            {todos}
          </span>
        )}
      </a>
    </li>
  );
}

function Switcher({ live }: { live: Live }) {
  const [isOpen, setOpen] = useState(false);
  const ref = useOutside(isOpen, () => setOpen(false));
  const name = live.me.value?.name ?? live.connection.name;
  const role = live.me.value?.role;
  return (
    <div class="switcher" ref={ref}>
      <button type="button" class="switch" aria-expanded={isOpen} title={name} onClick={() => setOpen(!isOpen)}>
        <BrandMark />
        <span class="who">
          <span class="strong name">{name}</span>
          {role !== undefined && <span class="quiet">{t.value.roles[role]}</span>}
        </span>
        <span class="sr-only">{s.value.nav.switch}</span>
        <Icon name="down" class="caret" />
      </button>
      {isOpen && (
        <ul class="menu">
          {(connections.value ?? []).map(({ id, name: label, url }) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === live.connection.id ? 'true' : undefined}
                onClick={() => {
                  setOpen(false);
                  void show(platform, id);
                }}
              >
                <span class="strong">{label}</span>
                <span class="quiet">{new URL(url).host}</span>
              </button>
            </li>
          ))}
          <li>
            <a href={hrefOf('connect')} onClick={() => setOpen(false)}>
              {s.value.nav.connectAnother}
            </a>
          </li>
        </ul>
      )}
    </div>
  );
}

function More() {
  const [isOpen, setOpen] = useState(false);
  const ref = useOutside(isOpen, () => setOpen(false));
  const rest = [...ITEMS.filter(({ page }) => !IN_BAR.has(page)), ...ENDS];
  return (
    <div class="more-menu" ref={ref}>
      <button type="button" class="nav-item" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <Icon name="dots" />
        <span class="brief">{s.value.nav.more}</span>
      </button>
      {isOpen && (
        <ul class="menu">
          {rest.map(({ page, icon }) => (
            <li key={page}>
              <a
                href={hrefOf(page)}
                aria-current={place.value.page === page ? 'page' : undefined}
                onClick={() => setOpen(false)}
              >
                <Icon name={icon} />
                {nameOf(page)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Left at 208 px, icons below 900, a bar at the bottom below 480. */
export function Navigation({ live, todos }: { live: Live; todos: number }) {
  const status = live.status.value;
  const last = status.phase === 'live' ? (status.lastEventAt ?? status.since) : undefined;
  return (
    <nav class="nav" aria-label={s.value.nav.label}>
      <Switcher live={live} />
      <ul class="nav-list">
        <NavItem item={ITEMS[0]!} todos={todos} />
        <li class="nav-group quiet" aria-hidden="true">
          {s.value.nav.organization}
        </li>
        {ITEMS.slice(1).map((item) => (
          <NavItem key={item.page} item={item} />
        ))}
      </ul>
      <ul class="nav-list nav-end">
        {ENDS.map((item) => (
          <NavItem key={item.page} item={item} />
        ))}
      </ul>
      <More />
      <div class="nav-foot" title={last === undefined ? '' : t.value.feed.lastEvent(time(last))}>
        <FeedState status={status} />
        {last !== undefined && <span class="quiet">{t.value.feed.lastEvent(time(last))}</span>}
      </div>
    </nav>
  );
}
