import { join } from 'node:path';
import type { License } from '@leasehold/sdk';
import { describe, expect, test } from 'vitest';
import { asPerson } from '../support/authority.js';
import { RelaySite } from '../support/relay-site.js';
import { BACKUP, DAY, RESTORE, temporaryFolder } from '../support/sdk-fixture.js';

describe('agents behind a relay', () => {
  test('join by code, each with its number, verified down to the pinned root, and without the Internet', async () => {
    const site = await RelaySite.start(2);
    const code = await site.relay.enroll('obm');
    const first = await site.agent('pc1', code);
    expect(first.authorize(BACKUP)).toMatchObject({ allowed: true });
    expect(first.status()).toMatchObject({ state: 'licensed', license: site.key.id, problems: [] });
    await site.bench.authority.close();
    const second = await site.agent('pc2', code);
    expect(second.authorize(BACKUP).allowed).toBe(true);
    expect(site.relay.clients()).toMatchObject([
      { kind: 'obm', n: 1, label: 'pc1' },
      { kind: 'obm', n: 2, label: 'pc2' },
    ]);
    expect(site.relay.used()).toEqual({ obm: 2 });
  });

  test('beyond the quota are refused, restores stay open', async () => {
    const site = await RelaySite.start(1);
    const code = await site.relay.enroll('obm');
    await site.agent('pc1', code);
    const second = await site.agent('pc2', code);
    expect(second.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'SEATS_EXHAUSTED' });
    expect(second.authorize(RESTORE).allowed).toBe(true);
    expect(site.relay.clients()).toHaveLength(1);
  });

  test('by a code of a kind that the key has none of, an unknown one or an ended one get nothing', async () => {
    const site = await RelaySite.start(1);
    const none = await site.agent('pc1', await site.relay.enroll('acb'));
    expect(none.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'SEATS_EXHAUSTED' });
    const ended = await site.relay.enroll('obm', 1);
    site.clock.pass(2 * DAY);
    const late = await site.agent('pc2', ended);
    expect(late.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LICENSE_KEY_UNKNOWN' });
  });

  test('renew, restart and are set up anew on the same number', async () => {
    const site = await RelaySite.start(3);
    const code = await site.relay.enroll('obm');
    const folder = join(temporaryFolder(), 'pc1');
    const before = await site.agent('pc1', code, { folder });
    site.clock.pass(DAY);
    expect(await before.check()).toMatchObject({ ok: true });
    await before.close();
    await site.relay.close();
    await site.openRelay();
    const moved = await site.agent('pc1', code, { folder });
    expect(await moved.check()).toMatchObject({ ok: true });
    const anew = await site.agent('pc1', code);
    expect(anew.authorize(BACKUP).allowed).toBe(true);
    expect(site.relay.clients()).toMatchObject([{ n: 1, label: 'pc1', forked: false }]);
  });

  test('two machines that were one are told apart: the copy gets a number of its own', async () => {
    const site = await RelaySite.start(3);
    const code = await site.relay.enroll('obm');
    const one = await site.agent('pc1', code);
    await site.agent('pc1', code);
    expect(await one.check()).toMatchObject({ ok: true });
    expect(site.relay.clients()).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  test('their usage reaches the authority with the server’s own, once', async () => {
    const site = await RelaySite.start(2);
    const agent = await site.agent('pc1', await site.relay.enroll('obm'));
    agent.usage.record({ kind: 'backup', bytes: 1000 });
    await agent.check();
    await agent.check();
    await site.server.check();
    await site.server.check();
    const { body } = await asPerson(site.bench, 'usage', { query: '?month=2026-06' });
    expect(JSON.stringify(body)).toContain('1000');
    expect(JSON.stringify(body)).not.toContain('2000');
    const keys = (await asPerson(site.bench, 'pools')).body.keys;
    expect(keys).toMatchObject([{ used: { obm: 1 } }]);
  });
});

describe('a lowered quota', () => {
  test('leaves out who came last when the grace is over; those who were first go on, and restores of all', async () => {
    const site = await RelaySite.start(3);
    const code = await site.relay.enroll('obm');
    const agents: License[] = [];
    for (const name of ['pc1', 'pc2', 'pc3']) agents.push(await site.agent(name, code));
    const beyond = agents[2]!;
    const heldUntil = beyond.status().offlineUntil;
    await site.setQuota(2);
    const answers = () => agents.map((agent) => agent.authorize(BACKUP).decision);
    for (const day of [1, 7, 13]) {
      site.passTo(day);
      await site.server.check();
      for (const agent of agents) await agent.check();
      expect(answers()).toEqual(['allow', 'allow', 'warn']);
      // F-4: its quota was lowered under it. What it holds still bounds the grace.
      expect(beyond.authorize(BACKUP)).toMatchObject({
        reason_rule: 'F-4',
        warnings: ['SHORTAGE_GRACE'],
        also: ['LMP-3.10'],
        value: { daysLeft: 14 - day },
      });
      expect(beyond.authorize(BACKUP).explain()).toMatchObject({ runsUntil: heldUntil });
      expect(beyond.authorize(BACKUP).explain().cure).toContain('obm');
      expect(beyond.status()).toMatchObject({ state: 'licensed', shortageGraceUntil: heldUntil });
    }
    site.passTo(14);
    await site.server.check();
    for (const agent of agents) await agent.check();
    expect(answers()).toEqual(['allow', 'allow', 'refuse']);
    expect(beyond.status().state).toBe('denied');
    expect(beyond.authorize(BACKUP)).toMatchObject({ reason_rule: 'LMP-3.10', code: 'OVER_QUOTA' });
    expect(beyond.authorize(BACKUP).explain().sentence).toContain('quota');
    expect(agents.every((agent) => agent.authorize(RESTORE).allowed)).toBe(true);
    await site.setQuota(3);
    await beyond.check();
    expect(beyond.authorize(BACKUP).allowed).toBe(true);
  });

  test('takes whoever is beyond it in again once another was taken off, as it was told', async () => {
    const site = await RelaySite.start(3);
    const code = await site.relay.enroll('obm');
    const [first, , third] = [
      await site.agent('pc1', code),
      await site.agent('pc2', code),
      await site.agent('pc3', code),
    ];
    const [gone] = site.relay.clients();
    await first.close();
    await site.relay.remove(gone!.id);
    await site.setQuota(2);
    expect(site.relay.used()).toEqual({ obm: 3 });
    for (const day of [1, 13, 15]) {
      site.passTo(day);
      await site.server.check();
      await third.check();
    }
    expect(third.authorize(BACKUP)).toMatchObject({ decision: 'allow' });
    expect(site.relay.clients()).toMatchObject([
      { n: 1, label: 'pc3' },
      { n: 2, label: 'pc2' },
    ]);
    expect(site.relay.used()).toEqual({ obm: 2 });
  });

  test('lets who is beyond it join again in the place of one that gave its own back', async () => {
    const site = await RelaySite.start(2);
    const code = await site.relay.enroll('obm');
    const first = await site.agent('pc1', code);
    await (await site.agent('pc2', code)).close();
    await site.setQuota(1);
    expect((await site.agent('pc2', code)).authorize(BACKUP).allowed).toBe(false);
    await first.deactivate();
    expect((await site.agent('pc2', code)).authorize(BACKUP).allowed).toBe(true);
    expect(site.relay.clients()).toMatchObject([{ n: 1, label: 'pc2' }]);
  });

  test('gives the grace once, from the first refusal on, whatever is started anew meanwhile', async () => {
    const site = await RelaySite.start(2, { shortageGraceDays: 5 });
    const code = await site.relay.enroll('obm');
    const folder = join(temporaryFolder(), 'pc2');
    await site.agent('pc1', code);
    const beyond = await site.agent('pc2', code, { folder });
    await site.setQuota(1);
    site.passTo(1);
    await beyond.check();
    expect(beyond.authorize(BACKUP)).toMatchObject({ decision: 'warn', value: { daysLeft: 5 } });
    await beyond.close();
    site.passTo(4);
    const again = await site.agent('pc2', code, { folder });
    await again.check();
    expect(again.authorize(BACKUP)).toMatchObject({ decision: 'warn', value: { daysLeft: 2 } });
    site.passTo(6);
    expect(again.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'OVER_QUOTA' });
  });

  test('has no grace where the policy gives none', async () => {
    const site = await RelaySite.start(1, { shortageGraceDays: 0 });
    const beyond = await site.agent('pc1', await site.relay.enroll('obm'));
    await site.setQuota(0);
    await beyond.check();
    expect(beyond.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'OVER_QUOTA' });
  });
});

describe('the relay’s own lease', () => {
  test('bounds all that it lends: nobody renews beyond it', async () => {
    const site = await RelaySite.start(2);
    const code = await site.relay.enroll('obm');
    const agent = await site.agent('pc1', code);
    const until = site.server.status().offlineUntil;
    expect(agent.status().offlineUntil).toBe(until);
    await site.bench.authority.close();
    site.clock.pass(13 * DAY);
    expect(await agent.check()).toMatchObject({ ok: true });
    expect(agent.status().offlineUntil).toBe(until);
    site.clock.pass(1.1 * DAY);
    expect(await agent.check()).toMatchObject({ ok: false, problem: { code: 'AUTHORITY_UNREACHABLE' } });
    expect(agent.authorize(BACKUP)).toMatchObject({ allowed: false, code: 'LEASE_EXPIRED' });
    expect(agent.authorize(RESTORE).allowed).toBe(true);
  });

  test('a client that was taken off is refused, and its number waits for the lease it holds', async () => {
    const site = await RelaySite.start(1);
    const code = await site.relay.enroll('obm');
    const gone = await site.agent('pc1', code);
    const [client] = site.relay.clients();
    expect(await site.relay.remove(client!.id)).toEqual({ reusableFrom: client!.leaseUntil });
    const next = await site.agent('pc2', code);
    expect(next.authorize(BACKUP)).toMatchObject({ code: 'SEATS_EXHAUSTED' });
    expect(site.relay.used()).toEqual({ obm: 1 });
    await gone.close();
    for (let day = 0; day < 15; day += 1) {
      site.clock.pass(DAY);
      site.bench.clock += DAY;
      await site.server.check();
    }
    expect(site.relay.used()).toEqual({ obm: 0 });
    const later = await site.relay.enroll('obm');
    expect((await site.agent('pc3', later)).authorize(BACKUP).allowed).toBe(true);
    expect(site.relay.clients()).toMatchObject([{ n: 1, label: 'pc3' }]);
  });

  test('a client that gives its slot back frees the number at once', async () => {
    const site = await RelaySite.start(1);
    const code = await site.relay.enroll('obm');
    expect(await (await site.agent('pc1', code)).deactivate()).toMatchObject({ ok: true, reusableFrom: null });
    expect((await site.agent('pc2', code)).authorize(BACKUP).allowed).toBe(true);
  });
});
