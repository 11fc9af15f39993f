import pg from 'pg';
import { checkParams, toPostgres } from '../statements.js';
import { newTail, type SqlParams, type Tx } from '../tx.js';

/** Columns arrive as SQLite gives them: whole numbers, counts and sums as numbers, truth as 1 and 0. */
const PARSERS: Readonly<Record<number, (text: string) => number>> = {
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.NUMERIC]: Number,
  [pg.types.builtins.BOOL]: (text) => (text === 't' ? 1 : 0),
};

type TypeParser = (oid: number, format?: 'text' | 'binary') => (text: string) => unknown;
const builtIn = pg.types.getTypeParser as TypeParser;
const getTypeParser: TypeParser = (oid, format) => PARSERS[oid] ?? builtIn(oid, format);

export const numberTypes: pg.CustomTypesConfig = { getTypeParser };

/** The statements that are prepared on each connection under a name. Bounded: a list page composed for one rare
 * combination of filters is not worth memory in every backend. */
const prepared = new Map<string, { readonly name?: string; readonly text: string }>();
const MOST_PREPARED = 400;

function statement(sql: string): { readonly name?: string; readonly text: string } {
  const known = prepared.get(sql);
  if (known !== undefined) return known;
  const text = toPostgres(sql);
  if (prepared.size >= MOST_PREPARED) return { text };
  const named = { name: `leasehold_${prepared.size}`, text };
  prepared.set(sql, named);
  return named;
}

/** The transaction as one command sees it. It ends with the command: a straggler can no longer write. */
export class PostgresTx implements Tx {
  readonly alone = false;
  readonly tail: Tx['tail'] = newTail();
  readonly #client: pg.PoolClient;
  #ended = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  async all<Row>(sql: string, params: SqlParams = []): Promise<Row[]> {
    return (await this.#query(sql, params)).rows as Row[];
  }

  async get<Row>(sql: string, params: SqlParams = []): Promise<Row | undefined> {
    return (await this.#query(sql, params)).rows[0] as Row | undefined;
  }

  async run(sql: string, params: SqlParams = []): Promise<number> {
    return (await this.#query(sql, params)).rowCount ?? 0;
  }

  end(): void {
    this.#ended = true;
  }

  #query(sql: string, params: SqlParams): Promise<pg.QueryResult> {
    if (this.#ended) throw new Error('The command went on after its transaction had ended.');
    checkParams(sql, params);
    return this.#client.query({ ...statement(sql), values: [...params] });
  }
}
