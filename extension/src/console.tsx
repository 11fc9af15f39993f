import { render } from 'preact';
import { useResource } from './components/use-resource.js';
import { live, startConsole } from './model/app.js';
import { connections } from './model/connections.js';
import type { Live } from './model/live.js';
import { openOverview } from './model/overview.js';
import { followAddress, place } from './model/place.js';
import { platform } from './platform.js';
import { Navigation } from './shell/navigation.js';
import { s } from './texts/shell.js';
import { ActivityPage } from './views/activity.js';
import { ConnectPage } from './views/connect.js';
import { LicensesPage } from './views/licenses.js';
import { MachinesPage } from './views/machines.js';
import { OverviewPage } from './views/overview.js';
import { PoolsPage } from './views/pools.js';
import { SettingsPage } from './views/settings.js';
import { RefusedPage, StoppedPage } from './views/state-pages.js';
import { TechniciansPage } from './views/technicians.js';

function Connected({ shown }: { shown: Live }) {
  const overview = useResource(shown, 'overview', () => openOverview(platform, shown));
  return (
    <div class="shell">
      <a class="skip button" href="#content" onClick={skip}>
        {s.value.nav.skip}
      </a>
      <Navigation live={shown} todos={overview.data.value?.todos.length ?? 0} />
      <Body shown={shown} overview={overview} />
    </div>
  );
}

/** The address after `#` is a place of the console, so the jump is made by hand. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content h1')?.focus();
}

type Overview = ReturnType<typeof openOverview>;

function Body({ shown, overview }: { shown: Live; overview: Overview }) {
  const status = shown.status.value;
  // Connections can be looked at and removed in any state.
  if (place.value.page === 'settings') return <SettingsPage live={shown} />;
  if (status.phase === 'stopped') return <StoppedPage live={shown} stop={status.stop} />;
  if (status.phase === 'refused') return <RefusedPage live={shown} problem={status.problem} />;
  switch (place.value.page) {
    case 'licenses':
      return <LicensesPage live={shown} />;
    case 'pools':
      return <PoolsPage live={shown} />;
    case 'machines':
      return <MachinesPage live={shown} counts={overview.data.value?.machines} />;
    case 'technicians':
      return <TechniciansPage live={shown} />;
    case 'activity':
      return <ActivityPage live={shown} />;
    case 'overview':
    case 'connect':
      return <OverviewPage live={shown} resource={overview} />;
  }
}

function Console() {
  const shown = live.value;
  if (connections.value === undefined) return null;
  if (shown === undefined || place.value.page === 'connect') return <ConnectPage />;
  return <Connected key={shown.connection.id} shown={shown} />;
}

const root = document.getElementById('app');
if (root !== null) {
  followAddress();
  void startConsole(platform).then(() => render(<Console />, root));
}
