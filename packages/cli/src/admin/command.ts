import { LeaseholdError, ROUTES, type RouteRow } from '@leasehold/protocol';
import type { Command, Given } from '../command.js';
import { EXIT } from '../command.js';
import { CONNECTION_OPTION, readConnection } from './connection-file.js';
import type { Flow } from './flow.js';
import { printReply } from './print-reply.js';

const DRY_RUN = { 'dry-run': { what: 'Say what the rules say of it and change nothing' } };

/** Makes a command of a flow: what was typed becomes one call, and its reply is printed. */
export function adminCommand(flow: Flow): Command {
  const row: RouteRow = ROUTES[flow.route];
  const changes = row.method !== 'GET';
  return {
    args: flow.args ?? [],
    options: { ...flow.options, ...(changes && row.reply !== 'TokenCreated' ? DRY_RUN : {}), ...CONNECTION_OPTION },
    async run(given, io) {
      const params = pathParams(flow, given);
      const body = await flow.body?.(given, io);
      const { AdminClient } = await import('./client.js');
      const client = new AdminClient(await readConnection(given.get('connection')));
      const isDry = given.has('dry-run');
      const call = {
        route: flow.route,
        params,
        // Of a DELETE the body is lost on the way (RFC 9110, 9.3.5), and would be with it that nothing is to be changed.
        query: { ...queryOf(row, given), ...(isDry && body === undefined ? { dryRun: 'true' } : {}) },
        ...(body === undefined ? {} : { body: isDry ? { ...body, dryRun: true } : body }),
      };
      if (row.as !== undefined) {
        const lines = client.lines(call);
        // A statement is lines of JSON already; a table is a member, as the import takes it.
        if (given.json && row.as === 'text/csv') io.out(JSON.stringify({ csv: await textOf(lines) }));
        else for await (const line of lines) io.out(line);
        return EXIT.ok;
      }
      const reply = await client.call(call);
      if (given.json) io.out(JSON.stringify(reply));
      else printReply(reply, io);
      return EXIT.ok;
    },
  };
}

async function textOf(lines: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const line of lines) text += `${line}\n`;
  return text;
}

const pathParams = ({ args: names = [], params = {} }: Flow, { args }: Given): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, place]) => [name, readId(names[place]!, args[place] ?? '')]));

/** Nothing has such an id: in an address it would be another place. */
function readId(name: string, typed: string): string {
  if (!['', '.', '..'].includes(typed)) return typed;
  throw new LeaseholdError('INPUT_INVALID', `${name} is no id: "${typed}".`, {
    path: 'arguments',
    remedy: 'Take it from a list of `leasehold admin`, or of the console.',
  });
}

function queryOf({ query = [], sort }: RouteRow, given: Given): Record<string, string> {
  const present = [...query, ...(sort === undefined ? [] : ['sort'])].flatMap((name) => {
    const value = given.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}
