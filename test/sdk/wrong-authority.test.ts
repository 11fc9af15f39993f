import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { LICENSE_KEY, problem, startLoopbackAuthority } from '../support/loopback-authority.js';
import { BACKUP, Site, cleanUp } from '../support/sdk-fixture.js';
import { expectRefused } from '../support/sdk-refused.js';
import { newSigner } from '../support/signing.js';

const activation = { key: LICENSE_KEY };

describe('the authority', () => {
  test('a wrong URL: some other web server answers', async () => {
    const site = await Site.start({ raw: '<html>Welcome!</html>' });
    const license = await site.open({ activation });
    expectRefused(license, 'GUARD_FAILED', /not a Leasehold authority/);
  });

  test('a wrong URL: a server that sends us elsewhere is not followed', async () => {
    const site = await Site.start({ redirect: 'http://127.0.0.1:9/' });
    const license = await site.open({ activation });
    expectRefused(license, 'GUARD_FAILED', /302/);
    expect(site.authority.asked).toHaveLength(1);
  });

  test('a wrong URL: a name that nobody knows', async () => {
    const site = await Site.start();
    const license = await site.open({ activation, authority: 'https://licensing.invalid' });
    expectRefused(license, 'AUTHORITY_UNREACHABLE', /licensing\.invalid/);
  });

  test('a wrong URL: what answers speaks no HTTP', async () => {
    const site = await Site.start();
    const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => server.close());
    const { port } = server.address() as { port: number };
    const license = await site.open({ activation, authority: `http://127.0.0.1:${port}` });
    expectRefused(license, 'GUARD_FAILED', /does not speak HTTP/);
    await license.close();
    const secure = await site.open({ activation, authority: `https://127.0.0.1:${port}` });
    expectRefused(secure, 'AUTHORITY_UNREACHABLE', /does not speak TLS|no TLS connection/);
  });

  test('a refused connection', async () => {
    const site = await Site.start();
    await site.authority.close();
    const license = await site.open({ activation });
    expectRefused(license, 'AUTHORITY_UNREACHABLE', /refused/);
  });

  test('a bad certificate: self-signed, for another name, and trusted by the option ca', async () => {
    const site = await Site.start();
    const { key, cert } = selfSigned(3650);
    const secure = await startLoopbackAuthority({}, { key, cert });
    cleanUp(() => secure.close());
    const options = { activation, authority: secure.url, roots: [secure.root] };
    const license = await site.open(options);
    expectRefused(license, 'BAD_CERTIFICATE', /signed by nobody this machine trusts/);
    expect(secure.asked).toEqual([]);
    await license.close();
    const named = await site.open({ ...options, ca: cert, authority: secure.url.replace('127.0.0.1', 'localhost') });
    expectRefused(named, 'BAD_CERTIFICATE', /another name/);
    await named.close();
    const trusting = await site.open({ ...options, ca: cert });
    expect(trusting.authorize(BACKUP).allowed).toBe(true);
  });

  test('a certificate that has ended by the clock of this machine', async () => {
    const site = await Site.start();
    const { key, cert } = selfSigned(2, '-30d');
    const secure = await startLoopbackAuthority({ time: 'none' }, { key, cert });
    cleanUp(() => secure.close());
    const license = await site.open({ activation, authority: secure.url, roots: [secure.root], ca: cert });
    expectRefused(license, 'CLOCK_BREAKS_TLS', /By the clock of this machine \(2\d{3}-.*has ended/);
  });

  test('one that says nothing is given up in time', async () => {
    const site = await Site.start();
    const { wireProblem } = await import('../../packages/sdk/src/wire/wire-problems.js');
    const { undiciWire } = await import('../../packages/sdk/src/wire/wire.js');
    const server = createServer(() => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    cleanUp(() => server.close());
    const { port } = server.address() as { port: number };
    const license = await site.open(
      { activation, authority: `http://127.0.0.1:${port}` },
      { wire: undiciWire({ timeoutMs: 300 }) },
    );
    expectRefused(license, 'TIMEOUT', /did not answer in time/);
    expect(wireProblem(new Error('odd'), 'http://x/', { clock: 'machine', at: 0 }).code).toBe('AUTHORITY_UNREACHABLE');
  });

  test('one that answers without end is cut off', async () => {
    const site = await Site.start({ raw: `{"x":"${'y'.repeat(10_000_000)}"}` });
    const license = await site.open({ activation });
    expectRefused(license, 'PAYLOAD_TOO_LARGE', /longer than/);
  });
});

describe('the license key', () => {
  test('unknown', async () => {
    const site = await Site.start();
    const license = await site.open({ activation: { key: 'LH-00000-00000-00000-00000-00001-0K6QQ' } });
    expect(license.status().problems[0]?.code).toMatch(/LICENSE_KEY/);
    const { formatLicenseKey } = await import('@leasehold/protocol');
    await license.close();
    const other = await site.open({ activation: { key: formatLicenseKey('license', new Uint8Array(16).fill(7)) } });
    expectRefused(other, 'LICENSE_KEY_UNKNOWN', /No license has this key/);
  });

  test('used up', async () => {
    const site = await Site.start({ refuse: { '/v1/activate': problem('SEATS_EXHAUSTED') } });
    expectRefused(await site.open({ activation }), 'SEATS_EXHAUSTED', /SEATS_EXHAUSTED/);
  });

  test('mistyped: found before any request, and what is held goes on', async () => {
    const site = await Site.start();
    const typo = { key: LICENSE_KEY.replace('0J4SM', '0J4SN') };
    const license = await site.open({ activation: typo });
    expectRefused(license, 'LICENSE_KEY_TYPO', /not a whole license key/);
    expect(site.authority.asked).toEqual([]);
    await license.close();
    await (await site.open({ activation })).close();
    const held = await site.open({ activation: typo });
    expect((await held.check()).ok).toBe(true);
    expect(held.authorize(BACKUP).allowed).toBe(true);
    expect(held.status().problems).toMatchObject([{ code: 'LICENSE_KEY_TYPO' }]);
  });
});

describe('the root', () => {
  test('a wrong root: nothing of that authority is believed', async () => {
    const site = await Site.start();
    const { jwk } = await newSigner();
    const license = await site.open({ activation, roots: [jwk] });
    expectRefused(license, 'WRONG_ROOT', /root that is not pinned/);
  });

  test('a wrong root on a later start: what is held is not believed either', async () => {
    const site = await Site.start();
    await (await site.open({ activation })).close();
    await site.authority.close();
    const { jwk } = await newSigner();
    const license = await site.open({ roots: [jwk] });
    expectRefused(license, 'WRONG_ROOT', /root that is not pinned/);
    expect(license.status().state).toBe('damaged');
    await license.close();
    expect((await site.open()).authorize(BACKUP).allowed).toBe(true);
  });
});
