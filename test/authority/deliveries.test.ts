import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  installKeyset,
  nextSigningKey,
  openAuthorityStore,
  readKeyFiles,
  signKeyset,
  startAuthority,
} from '@leasehold/authority';
import type { Message } from '@leasehold/protocol';
import { asPerson, startBench, type Bench } from '../support/authority.js';
import { startMailServer, type MailServer } from '../support/smtp-server.js';

interface Got {
  readonly headers: Record<string, string>;
  readonly body: string;
}

let bench: Bench;
let mail: MailServer;
let receiver: Server;
let hook: string;
const got: Got[] = [];
let status = 200;

beforeAll(async () => {
  bench = await startBench();
  mail = await startMailServer();
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => void chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(chunks).toString() });
      response.writeHead(status).end('ok');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
  await restart({ webhookPrivateNetworks: true, mail: { url: mail.url, from: 'Leasehold <license@acme.example>' } });
});
afterAll(async () => {
  await bench.close();
  await mail.close();
  await new Promise((resolve) => receiver.close(resolve));
});
beforeEach(() => {
  got.length = 0;
  status = 200;
  mail.refuses = false;
});

async function restart(more: Partial<Parameters<typeof startAuthority>[0]>): Promise<void> {
  await bench.authority.close();
  const place = { db: `sqlite:${join(bench.folder, 'authority.db')}`, dataDir: join(bench.folder, 'keys') };
  const log = (line: object): void => void bench.logged.push(JSON.stringify(line));
  const authority = await startAuthority({ ...place, now: () => bench.clock, log, timedWorkSeconds: 0.02, ...more });
  Object.assign(bench, { authority });
}

async function subscribe(kind: 'webhook' | 'mail', target: string, events: string[]) {
  const {
    body,
    problem,
    status: answered,
  } = await asPerson(bench, 'subscriptionCreate', {
    body: { kind, name: `To ${target}`, target, events },
  });
  expect({ answered, problem: answered === 200 ? null : problem }).toEqual({ answered: 200, problem: null });
  return body;
}
const company = (name: string) => asPerson(bench, 'companyCreate', { body: { name } });

/** Waits for a state that the clock of the test brings about; the test's own time limit is the only one. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
const deliveries = async (query: string): Promise<Message<'DeliveryRow'>[]> => {
  return (await asPerson(bench, 'deliveries', { query })).body.rows;
};
const remove = (id: string | undefined) => asPerson(bench, 'subscriptionDelete', { params: { subscription: id! } });

describe('webhooks', () => {
  test('carry what was asked for, once, with a signature that the scheme’s own library verifies', async () => {
    const { id, secret } = await subscribe('webhook', hook, ['company.']);
    const made = await company('Webhook & Sons');
    await asPerson(bench, 'poolCreate', { body: { name: 'Not asked for', type: 'OEM' } });
    const first = await until(() => got[0]);
    const webhookHeaders = first.headers;
    // The library judges the time by the machine's clock, the test's authority lives in 2026-06.
    const [, signature] = webhookHeaders['webhook-signature']!.split(',') as [string, string];
    const at = new Date(Number(webhookHeaders['webhook-timestamp']) * 1000);
    expect(`v1,${signature}`).toBe(new Webhook(secret!).sign(webhookHeaders['webhook-id']!, at, first.body));
    expect(JSON.parse(first.body)).toMatchObject({
      type: 'company.created',
      data: { account: 'acme', seq: made.body.seq, subject: { type: 'company', id: made.body.id } },
    });
    await until(async () =>
      (await deliveries(`?subscription=${id}&state=delivered`)).length === 1 ? true : undefined,
    );
    expect(got).toHaveLength(1);
    await remove(id);
  });

  test('are tried again with growing pauses, under one id, until they are dead; a replay sends them', async () => {
    const { id } = await subscribe('webhook', hook, ['company.created']);
    status = 503;
    await company('Down for days');
    const pauses: number[] = [];
    for (let attempt = 1; attempt <= 9; attempt += 1) {
      const row = await until(async () => {
        const [one] = await deliveries(`?subscription=${id}`);
        return one?.attempts === attempt && one.lastProblem !== null && Date.parse(one.dueAt) !== bench.clock + 120_000
          ? one
          : undefined;
      });
      pauses.push(Date.parse(row.dueAt) - bench.clock);
      bench.clock = Date.parse(row.dueAt);
    }
    const dead = await until(async () => (await deliveries(`?subscription=${id}&state=dead`))[0]);
    expect(dead).toMatchObject({ attempts: 10, lastProblem: 'The receiver answered 503.' });
    expect(pauses.every((pause, n) => n === 0 || pause > pauses[n - 1]!)).toBe(true);
    expect(new Set(got.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(got).toHaveLength(10);
    const { rows } = (await asPerson(bench, 'journal', { query: '?limit=500' })).body;
    expect(rows.filter(({ type }) => type === 'subscription.delivery_died')).toHaveLength(1);
    status = 200;
    await asPerson(bench, 'deliveryReplay', { params: { delivery: dead.id }, body: {} });
    await until(async () => (await deliveries(`?subscription=${id}&state=delivered`))[0]);
    expect(got).toHaveLength(11);
    await remove(id);
  });

  test('a rotated secret and the old one sign both until the overlap is over', async () => {
    const { id, secret: old } = await subscribe('webhook', hook, ['company.created']);
    const { body } = await asPerson(bench, 'subscriptionRotate', {
      params: { subscription: id! },
      body: { overlapHours: 1 },
    });
    await company('Both sign');
    const first = await until(() => got[0]);
    expect(first.headers['webhook-signature']!.split(' ')).toHaveLength(2);
    bench.clock += 3_700_000;
    await company('One signs');
    const second = await until(() => got[1]);
    expect(second.headers['webhook-signature']!.split(' ')).toHaveLength(1);
    const at = new Date(Number(second.headers['webhook-timestamp']) * 1000);
    const sign = (secret: string) => new Webhook(secret).sign(second.headers['webhook-id']!, at, second.body);
    expect(second.headers['webhook-signature']).toBe(sign(body.secret!));
    expect(second.headers['webhook-signature']).not.toBe(sign(old!));
    await remove(id);
  });

  test('a receiver that is gone is stopped', async () => {
    const { id } = await subscribe('webhook', hook, ['company.created']);
    status = 410;
    await company('Gone');
    await until(async () => {
      const { rows } = (await asPerson(bench, 'subscriptions')).body;
      return rows.find((row) => row.id === id && row.state === 'stopped');
    });
    expect(await deliveries(`?subscription=${id}&state=dead`)).toHaveLength(1);
    await remove(id);
  });

  test.each(['http://acme.example/hook', 'ftp://acme.example', 'https://user:secret@acme.example/', 'nonsense'])(
    '%s is no target',
    async (target) => {
      const body = { kind: 'webhook', name: 'Wrong', target, events: ['*'] } satisfies Message<'SubscriptionCreate'>;
      expect((await asPerson(bench, 'subscriptionCreate', { body })).problem.code).toBe('INPUT_INVALID');
    },
  );

  test('private networks are not called unless the operator says so', async () => {
    // Added while they might be called.
    const { id } = await subscribe('webhook', hook, ['company.created']);
    await restart({});
    for (const target of [hook, 'https://10.1.2.3/hook', 'https://[fd00::1]/hook', 'http://93.184.216.34/hook']) {
      const body = { kind: 'webhook', name: 'Inside', target, events: ['*'] } satisfies Message<'SubscriptionCreate'>;
      const { problem } = await asPerson(bench, 'subscriptionCreate', { body });
      expect(problem).toMatchObject({ code: 'INPUT_INVALID', path: 'body.target' });
      expect(problem.remedy).toContain('--webhook-private-networks');
    }
    await company('Not inside');
    const row = await until(async () =>
      (await deliveries(`?subscription=${id}`)).find((one) => one.lastProblem !== null),
    );
    expect(row.lastProblem).toContain('private network');
    expect(got).toEqual([]);
    const named = await subscribe('webhook', hook.replace('http://127.0.0.1', 'https://localhost'), [
      'company.created',
    ]);
    await company('Not by a name either');
    const second = await until(async () =>
      (await deliveries(`?subscription=${named.id}`)).find((one) => one.lastProblem !== null),
    );
    expect(second.lastProblem).toContain('private network');
    await remove(id);
    await remove(named.id);
    await restart({ webhookPrivateNetworks: true, mail: { url: mail.url, from: 'license@acme.example' } });
    await remove((await subscribe('webhook', 'http://[fd00::1]:8080/hook', ['company.created'])).id);
  });
});

describe('mail', () => {
  test('is sent once for each event, and again after a refusal', async () => {
    const { id, secret } = await subscribe('mail', 'admin@acme.example', ['company.created']);
    expect(secret).toBeUndefined();
    mail.refuses = true;
    await company('By mail');
    await until(async () => (await deliveries(`?subscription=${id}`)).find((one) => one.lastProblem !== null));
    mail.refuses = false;
    bench.clock += 10_000;
    const first = await until(() => mail.mails[0]);
    expect(first.to).toEqual(['admin@acme.example']);
    expect(first.text).toContain('company.created');
    await company('By mail too');
    await until(() => mail.mails[1]);
    await until(async () =>
      (await deliveries(`?subscription=${id}&state=delivered`)).length === 2 ? true : undefined,
    );
    expect(mail.mails).toHaveLength(2);
    const ids = mail.mails.map(({ text }) => /^message-id: (.*)$/im.exec(text)?.[1]);
    expect(new Set(ids).size).toBe(2);
    await remove(id);
  });

  test.each(['a@b, c@d', 'nobody', 'x@y\r\nBcc: z@y'])('%j is no mailbox', async (target) => {
    const body = { kind: 'mail', name: 'Wrong', target, events: ['*'] } satisfies Message<'SubscriptionCreate'>;
    expect((await asPerson(bench, 'subscriptionCreate', { body })).problem.code).toBe('INPUT_INVALID');
  });
});

test('the log names no target, secret or address', () => {
  const log = bench.logged.join('\n');
  for (const secret of ['whsec_', hook, 'admin@acme.example']) expect(log).not.toContain(secret);
});

describe('the secret of a webhook', () => {
  const stored = async () => {
    const store = await openAuthorityStore(`sqlite:${join(bench.folder, 'authority.db')}`);
    const rows = await store.read('storedSecrets', { account: 'acme' });
    return { store, rows };
  };
  const again = () => restart({ webhookPrivateNetworks: true });
  const signedBy = async (secret: string, name: string): Promise<void> => {
    got.length = 0;
    await company(name);
    const { headers, body } = await until(() => got[0]);
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    const signature = new Webhook(secret).sign(headers['webhook-id']!, at, body);
    expect(headers['webhook-signature']!.split(' ')).toContain(signature);
  };

  test('lies sealed in the database; one that lay there plain is sealed at the next start', async () => {
    const { id, secret } = await subscribe('webhook', hook, ['company.']);
    await bench.authority.close();
    const { store, rows } = await stored();
    expect(rows).toMatchObject([{ id, secret: expect.stringMatching(/^sealed\./), old_secret: null }]);
    const secrets = [{ from: rows[0]!.secret!, to: secret! }];
    await store.execute('resealSecrets', { account: 'acme', secrets }, bench.clock);
    await store.close();

    await again();
    await signedBy(secret!, 'Sealed & Sons');
    await bench.authority.close();
    const after = await stored();
    expect(after.rows[0]!.secret).toMatch(/^sealed\./);
    expect(after.rows[0]!.secret).not.toBe(rows[0]!.secret);
    await after.store.close();
    await again();
    await remove(id);
  });

  test('outlives the signing key that it was sealed under', async () => {
    const { id, secret } = await subscribe('webhook', hook, ['company.']);
    const folder = join(bench.folder, 'keys');
    const { keyset, signing } = await readKeyFiles(folder);
    const keys = [{ jwk: signing }, { jwk: await nextSigningKey(folder) }];
    const order = { account: keyset.iss, epoch: keyset.epoch, version: keyset.version + 1, keys };
    const token = await signKeyset(bench.root, order, bench.clock);
    await installKeyset(folder, token, [bench.rootJwk]);
    await bench.authority.reload();
    await rm(join(folder, 'stored-secret-keys.json'));
    await again();
    await signedBy(secret!, 'Rotated & Sons');
    await remove(id);
  });
});
