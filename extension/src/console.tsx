import { render, type JSX } from 'preact';
import { useResource } from './components/use-resource.js';
import { live, startConsole } from './model/app.js';
import { connections } from './model/connections.js';
import type { Live } from './model/live.js';
import { openOverview } from './model/overview.js';
import { followAddress, place, type PageName } from './model/place.js';
import type { Resource } from './model/resource.js';
import type { Overview } from './model/rows.js';
import { waiting } from './model/todos.js';
import { platform } from './platform.js';
import { Navigation } from './shell/navigation.js';
import { s } from './texts/shell.js';
import { AgentPage } from './views/agent.js';
import { ActivityPage } from './views/activity.js';
import { ConnectPage } from './views/connect.js';
import { ExchangePage } from './views/exchange.js';
import { LicensesPage } from './views/licenses.js';
import { MachinesPage } from './views/machines.js';
import { OverviewPage } from './views/overview.js';
import { PlanPage } from './views/plan.js';
import { PoolsPage } from './views/pools.js';
import { SettingsPage } from './views/settings.js';
import { RefusedPage, StoppedPage } from './views/state-pages.js';
import { TechniciansPage } from './views/technicians.js';

function Connected({ shown }: { shown: Live }) {
  const overview = useResource(shown, 'overview', () => openOverview(platform, shown));
  const { phase } = shown.status.value;
  const isShut = phase === 'stopped' || phase === 'refused';
  return (
    <div class="shell">
      <a class="skip button" href="#content" onClick={skip}>
        {s.value.nav.skip}
      </a>
      <Navigation live={shown} todos={isShut ? 0 : waiting(overview.data.value?.todos ?? []).length} />
      <Body live={shown} overview={overview} />
    </div>
  );
}

/** The address after `#` is a place of the console, so the jump is made by hand. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#content h1')?.focus();
}

interface BodyProps {
  readonly live: Live;
  readonly overview: Resource<Overview>;
}

const VIEWS: Readonly<Record<Exclude<PageName, 'connect'>, (props: BodyProps) => JSX.Element>> = {
  overview: ({ live: shown, overview }) => <OverviewPage live={shown} resource={overview} />,
  licenses: LicensesPage,
  pools: PoolsPage,
  machines: ({ live: shown, overview }) => <MachinesPage live={shown} overview={overview.data.value} />,
  technicians: TechniciansPage,
  plan: PlanPage,
  exchange: ExchangePage,
  activity: ActivityPage,
  agent: AgentPage,
  settings: SettingsPage,
};

function Body(props: BodyProps) {
  const status = props.live.status.value;
  const { page } = place.value;
  const View = VIEWS[page === 'connect' ? 'overview' : page];
  // Connections can be looked at and removed in any state, and this machine's agent is no matter of them.
  const isOurs = page === 'settings' || page === 'agent';
  if (status.phase === 'stopped' && !isOurs) return <StoppedPage live={props.live} stop={status.stop} />;
  if (status.phase === 'refused' && !isOurs) {
    return <RefusedPage live={props.live} problem={status.problem} />;
  }
  return <View key={page} {...props} />;
}

function Console() {
  const shown = live.value;
  if (connections.value === undefined) return null;
  if (shown === undefined && place.value.page === 'agent') return <AgentPage />;
  if (shown === undefined || place.value.page === 'connect') return <ConnectPage />;
  return <Connected key={shown.connection.id} shown={shown} />;
}

const root = document.getElementById('app');
if (root !== null) {
  followAddress();
  void startConsole(platform).then(() => render(<Console />, root));
}
