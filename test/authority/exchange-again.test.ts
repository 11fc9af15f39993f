import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatExchange, readResponse, signToken, type ExchangeRequestClaims } from '@leasehold/protocol';
import { Agent, asPerson, claimsOf, newLicense, nonce, PRODUCT, startBench, type Bench } from '../support/authority.js';
import { engines } from '../support/store-engines.js';

const DAY = 86_400_000;

/** An answer that was written onto a full stick, or lost on its way: the same request gets it again. */
describe.each(engines)('a request file that is handed in again, on $name', (engine) => {
  let bench: Bench;
  beforeAll(async () => void (bench = await startBench(undefined, {}, await engine.url())));
  afterAll(() => bench.close());

  async function written(agent: Agent, call: ExchangeRequestClaims['call'], body: object): Promise<string> {
    const iat = Math.floor(bench.clock / 1000);
    const claims = { product: PRODUCT, call, body: body as Record<string, unknown>, iat, jti: nonce() };
    return formatExchange('REQUEST', await signToken('request', claims, agent.signer));
  }
  const handIn = (file: string, leaseDays?: number) =>
    asPerson(bench, 'exchange', { body: { file, ...(leaseDays === undefined ? {} : { leaseDays }) } });
  interface Reply {
    readonly lease: string;
    readonly entitlements?: string;
    readonly usageSeen?: object;
  }
  async function answered(file: string, leaseDays?: number): Promise<{ reply: Reply; until: string | null }> {
    const { status, body, problem } = await handIn(file, leaseDays);
    expect({ status, problem: status === 200 ? null : problem }).toEqual({ status: 200, problem: null });
    const { reply } = claimsOf(readResponse(body.file!).token) as unknown as { readonly reply: Reply };
    return { reply, until: body.leaseUntil };
  }
  const head = async () => (await asPerson(bench, 'me')).body.seq;
  const USED = { code: 'EXCHANGE_USED', path: 'body.file' };

  /** A machine that was activated by a file; the answer is under way. */
  async function activated(name: string) {
    const sold = await newLicense(bench);
    const agent = await Agent.on(bench, name);
    const file = await written(agent, 'activate', agent.activation(sold.licenseKey));
    const first = await answered(file);
    const { sub, jti } = claimsOf(first.reply.lease);
    Object.assign(agent, { instance: sub, lease: first.reply.lease, parent: jti });
    return { ...sold, agent, file, first };
  }

  test('gets the same lease for 30 days, whatever days are asked for, and nothing is activated twice', async () => {
    const { id, file, first } = await activated('lost');
    const before = await head();
    for (const [days, leaseDays] of [[0], [20, 400], [9.9, 1]] as const) {
      bench.clock += days * DAY;
      const again = await answered(file, leaseDays);
      expect([again.reply.lease, again.until]).toEqual([first.reply.lease, first.until]);
    }
    expect(await head()).toBe(before);
    const { rows } = (await asPerson(bench, 'machines', { query: '?search=lost' })).body;
    expect(rows).toMatchObject([{ coveredBy: id }]);
    expect((await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows).toMatchObject([{ used: 1 }]);
    bench.clock += 0.2 * DAY;
    expect((await handIn(file)).problem).toMatchObject(USED);
  });

  test('counts usage once, and says again up to where', async () => {
    const { agent } = await activated('counted');
    const at = new Date(bench.clock).toISOString();
    const records = [{ n: 1, at, kind: 'backup', count: 1, bytes: 500 }];
    const body = agent.request({ usage: { epoch: nonce(), records } });
    const file = await written(agent, 'checkIn', body);
    const [first, again] = [await answered(file), await answered(file)];
    expect(first.reply.usageSeen).toMatchObject({ n: 1 });
    expect(again.reply).toMatchObject({ lease: first.reply.lease, usageSeen: first.reply.usageSeen });
    expect((await asPerson(bench, 'machines', { query: '?search=counted' })).body.rows).toMatchObject([{ jobs: 1 }]);
  });

  test('gets none of a machine that has gone on since, or whose seat was given back', async () => {
    const { agent, file } = await activated('gone-on');
    const renewal = await written(agent, 'checkIn', agent.request());
    await answered(renewal);
    expect((await handIn(file)).problem).toMatchObject(USED);
    // The same renewal in a file of its own gets more days: the earlier one does not.
    const body = agent.request();
    const one = await written(agent, 'checkIn', body);
    await answered(one, 30);
    await answered(await written(agent, 'checkIn', body), 90);
    expect((await handIn(one)).problem).toMatchObject(USED);
    const other = await activated('released');
    await asPerson(bench, 'machineRelease', { params: { machine: other.agent.instance }, body: {} });
    expect((await handIn(other.file)).problem).toMatchObject(USED);
  });

  test('is told again that its seat is given back', async () => {
    const { agent, id } = await activated('back');
    const { instance } = agent;
    const file = await written(agent, 'deactivate', { instance, chain: { parent: agent.parent, nonce: nonce() } });
    for (const _ of ['first', 'again'])
      expect((await answered(file)).reply).toMatchObject({ instance, reusableFrom: null });
    expect((await asPerson(bench, 'licenses', { query: `?search=${id}` })).body.rows).toMatchObject([{ used: 0 }]);
  });

  test('shows what the rules know now, not what they knew then', async () => {
    const { id, file, first } = await activated('revoked');
    await asPerson(bench, 'licenseRevoke', { params: { license: id }, body: {} });
    const again = await answered(file);
    expect(claimsOf(again.reply.lease).exp).toBe(claimsOf(first.reply.lease).exp);
    const { facts } = claimsOf(again.reply.entitlements!) as unknown as { facts: { licenses?: object[] } };
    expect(facts.licenses?.filter((license) => !('state' in license && license.state === 'revoked')) ?? []).toEqual([]);
  });
});
