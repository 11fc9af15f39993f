import { useState } from 'preact/hooks';
import { Icon } from '../components/icon.js';
import { LoadProblem } from '../components/problem.js';
import { useResource } from '../components/use-resource.js';
import { canChange } from '../model/app.js';
import type { Live } from '../model/live.js';
import { hrefOf, place } from '../model/place.js';
import { openPools } from '../model/pools.js';
import type { Resource } from '../model/resource.js';
import type { Pools } from '../model/rows.js';
import { Page } from '../shell/page.js';
import { lp } from '../texts/pools.js';
import { s } from '../texts/shell.js';
import { MaintenanceDialog } from './pools/maintenance-dialog.js';
import { PoolDetail } from './pools/pool-detail.js';
import { CreatePoolDialog } from './pools/pool-dialogs.js';
import { ManagePools } from './pools/manage-pools.js';
import { PoolableLicenses, PooledLicenses } from './pools/pool-licenses.js';

const TABS = ['poolable', 'pooled', 'manage'] as const;
type Tab = (typeof TABS)[number];

/** Pools: the source's exact flow (rules 5.2), from a poolable license to the details of a key. */
export function PoolsPage({ live }: { live: Live }) {
  const resource = useResource(live, 'pools', () => openPools(live));
  const pools = resource.data.value;
  if (pools === undefined) {
    return (
      <Page title={s.value.nav.pools} busy={resource.loading.value}>
        <LoadProblem live={live} resources={[resource]} />
      </Page>
    );
  }
  return <Loaded live={live} pools={pools} resource={resource} />;
}

function Loaded({ live, pools, resource }: { live: Live; pools: Pools; resource: Resource<Pools> }) {
  const { item, query } = place.value;
  const words = lp.value;
  const pool = poolAt(pools, item, query['create'] !== undefined);
  const tab = pool === undefined ? (TABS.find((each) => each === query['tab']) ?? firstTab(pools)) : 'manage';
  const isList = tab === 'manage' && pool === undefined;
  return (
    <Page
      title={pool?.name ?? s.value.nav.pools}
      before={pool && <a href={hrefOf('pools')}>{s.value.nav.pools}</a>}
      tabs={<Tabs pools={pools} tab={tab} />}
      aside={isList && canChange.value && <CreatePool live={live} isLocked={pools.lockedBy !== null} />}
    >
      <LoadProblem live={live} resources={[resource]} />
      <Locked live={live} pools={pools} />
      {item !== undefined && pool === undefined && <p class="attention">{words.unknownPool}</p>}
      {pool === undefined ? (
        <TabBody live={live} pools={pools} tab={tab} />
      ) : (
        <PoolDetail key={pool.id} live={live} pools={pools} pool={pool} />
      )}
    </Page>
  );
}

/** Whoever comes to make a key is where it is made, if there is but one place. */
function poolAt({ pools }: Pools, id: string | undefined, isMaking: boolean) {
  return pools.find((pool) => pool.id === id) ?? (isMaking && pools.length === 1 ? pools[0] : undefined);
}

function CreatePool({ live, isLocked }: { live: Live; isLocked: boolean }) {
  const [isCreating, setCreating] = useState(false);
  return (
    <>
      <button type="button" class="button primary" disabled={isLocked} onClick={() => setCreating(true)}>
        <Icon name="plus" />
        {lp.value.create}
      </button>
      {isCreating && <CreatePoolDialog live={live} close={() => setCreating(false)} />}
    </>
  );
}

/** Who has pools comes to look after them. */
function firstTab(pools: Pools): Tab {
  if (pools.pools.length > 0) return 'manage';
  return pools.licenses.some(({ state }) => state === 'pooled') ? 'manage' : 'poolable';
}

function Tabs({ pools, tab }: { pools: Pools; tab: Tab }) {
  const words = lp.value.tabs;
  const counts: Readonly<Record<Tab, number>> = {
    poolable: pools.licenses.filter(({ state }) => state === 'poolable').length,
    pooled: pools.licenses.filter(({ state }) => state === 'pooled').length,
    manage: pools.pools.length,
  };
  return (
    <nav class="tabs" aria-label={words.label}>
      {TABS.map((each) => (
        <a key={each} href={hrefOf('pools', undefined, { tab: each })} aria-current={each === tab ? 'page' : undefined}>
          {words[each]}
          <span class="quiet">{counts[each]}</span>
        </a>
      ))}
    </nav>
  );
}

function TabBody({ live, pools, tab }: { live: Live; pools: Pools; tab: Tab }) {
  if (tab === 'poolable') return <PoolableLicenses live={live} pools={pools} />;
  if (tab === 'pooled') return <PooledLicenses live={live} pools={pools} />;
  return <ManagePools live={live} pools={pools} />;
}

/** LMP-1.7: everything can be seen, nothing changed, and the license that causes it is named. */
function Locked({ live, pools }: { live: Live; pools: Pools }) {
  const [isRenewing, setRenewing] = useState(false);
  const { lockedBy } = pools;
  if (lockedBy === null) return null;
  const license = pools.licenses.find(({ id }) => id === lockedBy);
  return (
    <div class="note attention-note" role="status">
      <Icon name="alert" class="attention" />
      <div>
        <p class="strong">{lp.value.locked(lockedBy)}</p>
        <p class="soft">{lp.value.lockedBody}</p>
      </div>
      {license !== undefined && canChange.value && (
        <button type="button" class="button small" onClick={() => setRenewing(true)}>
          {lp.value.renewMaintenance}
        </button>
      )}
      {license !== undefined && isRenewing && (
        <MaintenanceDialog live={live} pools={pools} license={license} close={() => setRenewing(false)} />
      )}
    </div>
  );
}
