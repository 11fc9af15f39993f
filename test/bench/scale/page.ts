import { simulate, type Outcome } from './herd.js';

/** What `npm run bench -- herd --json` and `-- authority --json` print. */
export interface Report {
  readonly rows: readonly { readonly row: string; readonly median: number }[];
}

const DAYS = 30;
const SPREAD = 1_800;
/** Of what a node can serve, the part that is planned with. */
const PLANNED = 0.6;
/** Of all machines, those that are activated anew in a month; each leaves one row in the journal, and an admin as many. */
const CHANGED = 0.02;
const SEED = 8_01;
/** Agents of one account: the unit that is never split. */
const ACCOUNT = 100_000;

const medianOf = ({ rows }: Report, row: string): number => {
  const found = rows.find((each) => each.row === row);
  if (found === undefined) throw new Error(`The evidence has no row "${row}".`);
  return found.median;
};
const say = (value: number, digits = 2): string => Number(value.toPrecision(digits)).toLocaleString('en-US');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** The figures of docs/scale.md: capacity on paper from what was measured, and the herd as the lane would meet it. */
export async function scaleFigures(herd: Report, authority: Report): Promise<string> {
  return [measured(herd, authority), onPaper(herd, authority), await herds(herd)].join('\n\n');
}

function measured(herd: Report, authority: Report): string {
  const rows = [
    ['check-ins a second, one node on SQLite', say(medianOf(herd, 'throughput, 64 under way'))],
    ['CPU of a check-in', `${say(medianOf(herd, 'CPU of the authority'))} µs`],
    ['a check-in on the wire, both ways', `${say(bytesOf(herd))} bytes`],
    ['a machine in the database', `${say(medianOf(herd, 'database, of each machine'))} bytes`],
    ['claims a second at the store, one account on SQLite', say(medianOf(authority, 'claim, pool of 1000000'))],
    ['the same on PostgreSQL', say(medianOf(authority, 'claim on PostgreSQL, pool of 1000000'))],
    ['activations a second over HTTP, one account', say(medianOf(authority, 'claim over HTTP'))],
  ];
  return table(['Measured', 'median'], rows);
}

function bytesOf(herd: Report): number {
  return medianOf(herd, 'request of a check-in') + medianOf(herd, 'reply to a check-in');
}

function onPaper(herd: Report, authority: Report): string {
  const fleets = [1_000_000, 100_000_000];
  const perNode = medianOf(herd, 'throughput, 64 under way') * PLANNED;
  const line = (what: string, of: (agents: number) => string): string[] => [what, ...fleets.map(of)];
  const rows = [
    line('accounts of 100,000 agents', (agents) => say(agents / ACCOUNT)),
    line('check-ins a second, over the whole day', (agents) => say(agents / 86_400)),
    line('check-ins a second at 08:01, all in one time zone', (agents) => say(agents / SPREAD)),
    line('rows written a second at that time', (agents) => say((agents / SPREAD) * 3)),
    line(`nodes for that, at ${PLANNED * 100} % of what one serves`, (agents) =>
      say(Math.ceil(agents / SPREAD / perNode)),
    ),
    line('nodes, the fleet spread evenly over 24 time zones', (agents) => {
      return say(Math.max(1, Math.ceil(agents / 24 / SPREAD / perNode)));
    }),
    line('journal rows a second, all accounts', (agents) => say((agents * CHANGED * 2) / (DAYS * 86_400))),
    line('journal rows a second of one account', () => say((ACCOUNT * CHANGED * 2) / (DAYS * 86_400))),
    line('hours to roll one account out', () => say(ACCOUNT / medianOf(authority, 'claim over HTTP') / 3_600)),
    line('CPU hours a month', (agents) => {
      return say((agents * DAYS * medianOf(herd, 'CPU of the authority')) / 1e6 / 3_600);
    }),
    line('GB in the databases', (agents) => say((agents * medianOf(herd, 'database, of each machine')) / 1e9)),
    line('GB on the wire a month', (agents) => say((agents * DAYS * bytesOf(herd)) / 1e9)),
  ];
  return table(['On paper', '1 million agents', '100 million agents'], rows);
}

/** The herds of the page, each as the lane of one node would meet it. */
export async function herdOutcomes(herd: Report): Promise<readonly ({ readonly row: string } & Outcome)[]> {
  const capacity = Math.floor(medianOf(herd, 'throughput, 64 under way'));
  const outcomes = [];
  for (const agents of [100_000, 300_000])
    for (const [spreadSeconds, how] of [
      [SPREAD, 'by `renewAfter` over half an hour'],
      [60, 'all within a minute'],
    ] as const) {
      const row = `${say(agents)} agents, ${how}`;
      outcomes.push({ row, ...(await simulate({ agents, capacity, spreadSeconds, seed: SEED })) });
    }
  return outcomes;
}

async function herds(herd: Report): Promise<string> {
  const rows = (await herdOutcomes(herd)).map((one) => [one.row, ...cells(one)]);
  const head = [
    'The herd at one node',
    'most arrivals a second',
    'turned away',
    'more than once',
    'last one served after',
  ];
  return table([...head, 'longest wait'], rows);
}

function cells({ peak, turnedAway, twice, lastServed, longestWait }: Outcome): string[] {
  return [say(peak), say(turnedAway), `${say(twice * 100)} %`, `${say(lastServed / 60)} min`, `${say(longestWait)} s`];
}
