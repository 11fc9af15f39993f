import { agentOf, followHolders, some, type Act, type Model } from './model.js';
import type { Site } from './site.js';

/** Copies of machines, what a person says of machines, and licenses that move between them, in a random sequence. */
export const MACHINE_ACTIONS: Readonly<Record<string, Act>> = {
  copy,
  copyAgain: copy,
  decideFork,
  decideForkAgain: decideFork,
  declare,
  declareAgain: declare,
  standby,
  moveMachine,
  moveMachineAgain: moveMachine,
  moveHost,
  moveBack,
};

/** A machine is copied, or put back to its last state, and both go on. */
async function copy(site: Site, _model: Model, a: number, b: number): Promise<void> {
  const agent = agentOf(site, a);
  if (agent.instance === null || site.agents.length > 8) return;
  const other = site.copy(agent, b % 2 === 0);
  await site.checkIn(agent);
  await site.checkIn(other);
  await site.checkIn(agent);
}

const WAYS = ['replace', 'license', 'retire'] as const;

async function decideFork(site: Site, model: Model, a: number, b: number): Promise<void> {
  const machine = some(
    site.agents.slice(5).flatMap(({ instance }) => instance ?? []),
    a,
  );
  if (machine === undefined) return;
  const decision = WAYS[b % 3]!;
  const wanted = b > 6 ? some([...model.single.keys(), ...model.seats], a + b) : undefined;
  const given = wanted === undefined ? {} : { license: wanted };
  const done = await site.change('forkDecide', { machine, declaration: site.fresh('dec'), decision, ...given });
  if (done === undefined) return;
  const gone = decision === 'license' ? [null] : site.agents.map(({ instance }) => instance);
  await followHolders(site, model, gone, machine);
}

const KINDS = ['disposed', 'dead', 'in_service', 'standby_of', 'replaces', 'replaces'] as const;

async function declare(site: Site, model: Model, a: number, b: number): Promise<void> {
  const machine = agentOf(site, a).instance;
  const of = some([...site.agents.map(({ instance }) => instance), ...model.standbys], b) ?? null;
  if (machine === null || of === null) return;
  const kind = KINDS[(a + b) % KINDS.length]!;
  const named = kind === 'standby_of' || kind === 'replaces' ? { of } : {};
  const done = await site.change('machineDeclare', { machine, id: site.fresh('dec'), kind, ...named });
  if (done !== undefined) await followHolders(site, model, [of], machine);
}

async function standby(site: Site, { standbys }: Model, a: number): Promise<void> {
  const machine = agentOf(site, a).instance;
  if (machine === null) return;
  const id = site.fresh('stby');
  if ((await site.change('standbyCreate', { machine, id, name: id })) !== undefined) standbys.push(id);
}

const FATES = ['disposed', 'disposed', 'parallel', 'undeclared'] as const;

async function moveMachine(site: Site, model: Model, a: number, b: number): Promise<void> {
  const { instance: from, license } = agentOf(site, a);
  const to = agentOf(site, b).instance;
  if (from === null || to === null || license === null) return;
  const ends = { from: { type: 'machine', id: from }, to: { type: 'machine', id: to } } as const;
  const done = await site.change('licenseMove', { license, ...ends, sourceDisposition: FATES[(a + b) % 4]! });
  if (done === undefined) return;
  model.moves.push({ license, machine: to });
  agentOf(site, b).license = license;
}

async function moveHost(site: Site, { seats }: Model, a: number, b: number): Promise<void> {
  const license = some(seats, a);
  if (license === undefined) return;
  const [one, other] = b % 2 === 0 ? ['host0', 'host1'] : ['host1', 'host0'];
  await site.change('licenseBind', { license, to: { type: 'host', id: one } });
  const ends = { from: { type: 'host', id: one }, to: { type: 'host', id: other } } as const;
  await site.change('licenseMove', { license, ...ends, sourceDisposition: FATES[a % 4]! });
}

async function moveBack(site: Site, model: Model, a: number): Promise<void> {
  const move = some(model.moves, a);
  if (move !== undefined) await site.change('licenseMoveBack', move);
}
