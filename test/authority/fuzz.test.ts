import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOwnerToken, openAuthorityStore, provisionAuthority } from '@leasehold/authority';
import { guards, PROBLEM_CODES, signToken } from '@leasehold/protocol';
import { Agent, asPerson, machine, newLicense, nonce, PRODUCT, type Bench } from '../support/authority.js';
import { openAuthority, type OpenAuthority } from '../support/open-authority.js';
import { RandomInput, type Schema } from '../support/random-input.js';
import { newSigner } from '../support/signing.js';

const CALLS = process.env['LONG'] === '1' ? 100_000 : 5000;
const SEED = Number(process.env['SEED'] ?? 20_260_615);
const NOW = Date.parse('2026-06-15T10:00:00Z');

interface Operation {
  readonly operationId: string;
  readonly 'x-access': 'public' | 'device' | 'viewer' | 'operator' | 'owner';
  readonly parameters?: readonly { readonly name: string; readonly in: 'path' | 'query' | 'header' }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Ref } } };
  readonly responses: { readonly 200: { readonly content: Readonly<Record<string, { readonly schema: Ref }>> } };
}
interface Ref {
  readonly $ref: string;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Planned {
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
}

let folder: string;
let authority: OpenAuthority;
let document: Document;
let plan: Planned[];
const failures: string[] = [];
const random = new RandomInput(SEED);
const tokens: Record<string, string> = {};
const signers = await Promise.all([newSigner(), newSigner(), newSigner()]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasehold-fuzz-'));
  const db = `sqlite:${join(folder, 'authority.db')}`;
  const account = { account: 'acme', name: 'Acme', product: PRODUCT, prefix: 'Acme-PoolKey' };
  const { ownerToken } = await provisionAuthority({ db, dataDir: join(folder, 'keys') }, account, NOW);
  const store = await openAuthorityStore(db);
  tokens['owner'] = await createOwnerToken(store, 'acme', 'fuzz', NOW);
  await store.close();
  authority = await openAuthority(folder, db, () => NOW, noteDefect);
  document = (await (await fetch(`${authority.url}/openapi.json`)).json()) as Document;
  plan = Object.entries(document.paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => ({ operation, method: method.toUpperCase(), path }));
  });
  const bench = { authority, ownerToken, clock: NOW } as unknown as Bench;
  for (const role of ['viewer', 'operator'] as const) {
    const { body } = await asPerson(bench, 'tokenCreate', { body: { name: role, role, validDays: 30 } });
    tokens[role] = body.token;
  }
  const { id, licenseKey } = await newLicense(bench, { seats: 100 });
  random.ids.push(id, licenseKey, PRODUCT, 'server', 'OEM', 'Standard');
  for (const signer of signers) {
    const agent = new Agent(bench, signer, machine(signer.publicKey.kid));
    await agent.activate(licenseKey);
    random.ids.push(agent.instance);
  }
});
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

function noteDefect(line: object): void {
  const { event, cause } = line as { readonly event?: string; readonly cause?: string };
  if (event === 'request.failed') failures.push(`defect: ${cause}`);
}

const schemaOf = ({ $ref }: Ref): Schema => document.components.schemas[$ref.split('/').at(-1)!]!;

interface Ask {
  readonly url: string;
  readonly init: RequestInit & { readonly headers: Record<string, string> };
  readonly what: string;
}

/** One random call. `changesNothing`: a dry run, or by a token that may not. */
async function draw({ operation, method, path }: Planned, changesNothing: boolean): Promise<Ask> {
  const query = new URLSearchParams();
  let filled = path;
  for (const { name, in: place } of operation.parameters ?? []) {
    const value = random.chance(0.6) ? random.pick(random.ids) : random.oddText();
    if (place === 'path')
      filled = filled.replace(`{${name}}`, encodeURIComponent(value.replaceAll(/[\ud800-\udfff]/g, '?') || 'x'));
    if (place === 'query' && random.chance(0.4)) query.set(name, random.chance(0.3) ? '10' : value);
  }
  const dry = changesNothing && method !== 'GET';
  if (dry && method === 'DELETE') query.set('dryRun', 'true');
  const body = bodyOf(operation, dry);
  const search = query.toString();
  const url = `${authority.url}${filled}${search === '' ? '' : `?${search}`}`;
  const headers: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  if (random.chance(0.1)) headers['idempotency-key'] = random.pick(['a', 'b', 'x'.repeat(200), 'y'.repeat(300)]);
  if (operation['x-access'] === 'device') headers['leasehold-proof'] = await proof(method, url, body ?? '');
  else {
    const role =
      dry && operation.operationId.startsWith('token')
        ? 'viewer'
        : random.pick(['owner', 'owner', 'operator', 'viewer']);
    headers['authorization'] = `Bearer ${tokens[role]!}`;
  }
  const init = { method, headers, ...(body === undefined ? {} : { body }), signal: AbortSignal.timeout(30_000) };
  return { url, init, what: `${operation.operationId} ${method} ${url} ${body?.slice(0, 500) ?? ''}` };
}

function bodyOf({ requestBody }: Operation, dry: boolean): string | undefined {
  if (requestBody === undefined) return undefined;
  const schema = schemaOf(requestBody.content['application/json'].schema);
  const kind = random.next();
  // What nobody knows is passed over: such a body asks for no dry run.
  const whole = dry ? '{"a":1,"a":2,"dryRun":true}' : '{"a":1,"a":2}';
  if (kind < 0.05) return random.pick(['', '{', 'null', '[]', '"text"', whole, '\u0000']);
  const value = kind < 0.6 ? random.valid(schema) : random.damaged(schema);
  return JSON.stringify(dry && typeof value === 'object' ? { ...value, dryRun: true } : value) ?? 'null';
}

function proof(htm: string, htu: string, body: string): Promise<string> {
  const bh = createHash('sha256').update(body).digest('base64url');
  const claims = { htm: htm as 'POST', htu, bh, iat: NOW / 1000, jti: nonce() };
  return signToken('proof', claims, random.pick(signers));
}

const GUARDS = new Map<string, (value: unknown) => boolean>(Object.entries(guards));

async function judge(planned: Planned, ask: Ask): Promise<number> {
  const response = await fetch(ask.url, ask.init).catch((cause: unknown) => {
    throw new Error(`no answer: ${ask.what}`, { cause });
  });
  const { status } = response;
  const fail = (why: string): void => void failures.push(`${why}: ${status} ${ask.what}`);
  if (status === 200 && planned.operation.operationId === 'feed') {
    await response.body?.cancel();
    return status;
  }
  const text = await response.text();
  const [type = ''] = (response.headers.get('content-type') ?? '').split(';');
  const documented = Object.keys(planned.operation.responses[200].content);
  if (status === 200 && !documented.includes(type)) fail(`content type ${type}`);
  if (status === 200 && type !== 'application/json') return status;
  const value: unknown = JSON.parse(text);
  if (status === 200) {
    const content = planned.operation.responses[200].content[type];
    const name = content!.schema.$ref.split('/').at(-1)!;
    if (!GUARDS.get(`is${name}`)!(value)) fail(`not a ${name}: ${text.slice(0, 300)}`);
    learn(planned.operation.operationId, value);
    return status;
  }
  if (!guards.isProblemMessage(value)) fail(`not a problem: ${text.slice(0, 300)}`);
  else {
    if (PROBLEM_CODES[value.code as keyof typeof PROBLEM_CODES] !== status) fail(`code ${value.code}`);
    if (status >= 500) fail(`${value.code} ${value.detail}`);
  }
  return status;
}

/** Ids to name later; a token that was renewed goes on with its new secret. */
function learn(operation: string, value: unknown): void {
  const { id, token } = value as { readonly id?: unknown; readonly token?: unknown };
  if (operation === 'tokenRotate') {
    for (const role of Object.keys(tokens)) if (rotated === role) tokens[role] = String(token);
  }
  if (!operation.startsWith('token') && typeof id === 'string' && random.ids.length < 400) random.ids.push(id);
}
let rotated = '';

test(`${CALLS} calls from the OpenAPI document (SEED=${SEED})`, { timeout: 3_600_000 }, async () => {
  expect(plan.length).toBeGreaterThan(30);
  const counts: Record<number, number> = {};
  for (let n = 0; n < CALLS && failures.length < 10; n += 1) {
    // Every fourth block of 50 asks only what must not change anything, and the whole database is compared.
    const still = Math.floor(n / 50) % 4 === 3;
    const before = still && n % 50 === 0 ? await authority.contents() : undefined;
    if (before !== undefined) {
      const asked: string[] = [];
      for (let k = 0; k < 50; k += 1) asked.push(await callStill());
      n += 49;
      const after = await authority.contents();
      const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
      if (changed.length > 0)
        failures.push(`${changed.join(', ')} changed by what changes nothing:\n${asked.join('\n')}`);
      continue;
    }
    const planned = random.pick(plan);
    const ask = await draw(planned, false);
    rotated = Object.keys(tokens).find((role) => ask.init.headers['authorization'] === `Bearer ${tokens[role]!}`) ?? '';
    const head = await authority.head();
    const status = await judge(planned, ask);
    counts[status] = (counts[status] ?? 0) + 1;
    const mayJournal = planned.operation['x-access'] === 'device';
    if (status >= 400 && !mayJournal && (await authority.head()) !== head)
      failures.push(`refused, but journaled: ${ask.what}`);
  }
  console.log(`fuzz: seed ${SEED}, answers by status ${JSON.stringify(counts)}`);
  expect(failures).toEqual([]);
  // A fuzz that is always turned away at the door tests nothing.
  expect(counts[200]).toBeGreaterThan(CALLS / 10);
});

/** A dry run of a person's, or a question. */
async function callStill(): Promise<string> {
  const planned = random.pick(
    plan.filter(({ operation }) => operation['x-access'] !== 'device' && operation.operationId !== 'tokenRotate'),
  );
  const ask = await draw(planned, true);
  return `${await judge(planned, ask)} ${ask.what}`;
}
