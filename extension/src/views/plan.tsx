import { useEffect } from 'preact/hooks';
import { LoadProblem } from '../components/problem.js';
import { discardDraft, useDraft } from '../components/use-draft.js';
import { useResource } from '../components/use-resource.js';
import { now } from '../model/clock.js';
import type { Live } from '../model/live.js';
import { place, setQuery } from '../model/place.js';
import { carriersOf, licensesFor, machinesLike, type Estate } from '../model/plan-facts.js';
import { NEW, planOf, type Planned, type Wish } from '../model/plan.js';
import { openPools } from '../model/pools.js';
import type { Pools } from '../model/rows.js';
import { Page } from '../shell/page.js';
import { time } from '../texts/format.js';
import { pl } from '../texts/plan.js';
import { s } from '../texts/shell.js';
import { PlanForm } from './plan/plan-form.js';
import { PlanResult } from './plan/plan-result.js';
import type { NameOf } from './plan/step-words.js';

/** Advice as a form: the rules that decide also say what a change would need. Nothing is changed or bought by looking. */
export function PlanPage({ live }: { live: Live }) {
  const words = pl.value;
  const [wish, restart] = useWish();
  const chosen = wish.source ?? '';
  const found = useResource(live, `plan machines ${chosen}`, () => machinesLike(live, chosen));
  const machines = found.data.value?.machines ?? [];
  const hosts = found.data.value?.hosts ?? [];
  const source = machines.filter(({ id }) => id === wish.source);
  const key = carriersOf(source[0], hosts, wish.host);
  const licenses = useResource(live, `plan licenses ${key.join()}`, () => licensesFor(live, key));
  const pools = useResource(live, 'pools', () => openPools(live));
  const isKnown = found.data.value !== undefined && licenses.data.value !== undefined;
  return (
    <Page title={s.value.nav.plan} busy={found.loading.value || licenses.loading.value}>
      <LoadProblem live={live} resources={[found, licenses]} />
      <div class="plan">
        <div class="plan-form">
          <h2>{words.what}</h2>
          <PlanForm
            live={live}
            wish={wish}
            source={source[0]}
            hosts={hosts}
            licenses={licenses.data.value ?? []}
            pools={pools.data.value}
          />
          {Object.keys(wish).length > 0 && (
            <button type="button" class="text-button" onClick={restart}>
              {s.value.table.clear}
            </button>
          )}
          <p class="quiet plan-note">
            {words.nothing} {words.asOf(time(now.value))}
          </p>
        </div>
        {isKnown && (
          <Answer
            live={live}
            wish={wish}
            estate={{ machines: source, hosts, licenses: licenses.data.value ?? [] }}
            pools={pools.data.value}
          />
        )}
      </div>
    </Page>
  );
}

/** What stands in the form stands in the address; without an address, what stood there when the page was left. */
function useWish(): readonly [Wish, () => void] {
  const asked = place.value.query as Wish;
  const [left, keep] = useDraft<Wish>('plan', 'wish', {});
  const isAsked = Object.keys(asked).length > 0;
  useEffect(() => {
    if (isAsked) keep(asked);
  }, [JSON.stringify(asked)]);
  const restart = () => {
    keep({});
    discardDraft('plan');
    setQuery({});
  };
  return [isAsked ? asked : left, restart];
}

interface AnswerProps {
  readonly live: Live;
  readonly wish: Wish;
  readonly estate: Estate;
  readonly pools: Pools | undefined;
}

/** Asked again with every change of the form, and with every change of what it speaks of. */
function Answer({ live, wish, estate, pools }: AnswerProps) {
  const key = JSON.stringify(['plan', wish, estate.machines, estate.licenses.length, pools?.pools]);
  const resource = useResource(live, key, () => planOf(live, { change: 'migrate', ...wish }, estate, pools));
  const planned = resource.data.value;
  if (resource.problem.value !== undefined) return <LoadProblem live={live} resources={[resource]} />;
  if (planned === undefined) return <p class="soft plan-waiting">{resource.loading.value ? '' : pl.value.waiting}</p>;
  return <PlanResult planned={planned} nameOf={namesOf(wish, planned, estate, pools?.pools ?? [])} />;
}

function namesOf(
  wish: Wish,
  planned: Planned,
  estate: Estate,
  pools: readonly { readonly id: string; readonly name: string }[],
): NameOf {
  const known = [...estate.machines, ...estate.hosts, ...pools];
  const names = new Map(known.map(({ id, name }) => [id, name ?? id]));
  const { anew } = pl.value;
  const isHost = planned.act.do === 'migrate' && planned.act.kind === 'host';
  names.set(
    NEW,
    wish.change === 'cluster' ? anew.cluster : isHost ? anew.host : wish.to === 'cloud' ? anew.cloud : anew.machine,
  );
  return (id) => names.get(id) ?? id;
}
