import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { selfSigned } from '../support/certificate.js';
import { issueChain, type IssueOptions } from '../support/certificate-chain.js';
import { DAY } from '../support/sdk-fixture.js';
import { undiciWire } from '../../packages/sdk/src/wire/wire.js';

const closing: (() => void)[] = [];
afterAll(() => closing.forEach((close) => close()));

async function serve(certificate: { readonly key: string; readonly cert: string }): Promise<number> {
  const server = createServer(certificate, (_request, response) => response.end('served'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => (server.closeAllConnections(), server.close()));
  return (server.address() as AddressInfo).port;
}

/** What a request gets whose certificates are judged by `certificateAt`; the code of what stood in its way else. */
async function ask(port: number, ca: string, certificateAt?: number | 'any', host = '127.0.0.1'): Promise<string> {
  const wire = undiciWire({ ca });
  const request = { method: 'GET', url: `https://${host}:${port}/`, headers: {}, maxBytes: 100 } as const;
  try {
    return (await wire.send({ ...request, ...(certificateAt === undefined ? {} : { certificateAt }) })).text;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  } finally {
    await wire.close();
  }
}

const ago = (days: number): number => Date.now() - days * DAY;

describe('a certificate judged by another time than the clock of this machine', () => {
  test('that has ended: accepted at an instant inside it and at none, refused after and before it', async () => {
    const { key, cert, ca } = issueChain({ days: 3, madeAt: '-30d' });
    const port = await serve({ key, cert });
    expect(await ask(port, ca)).toBe('CERT_HAS_EXPIRED');
    expect(await ask(port, ca, 'any')).toBe('served');
    expect(await ask(port, ca, ago(29))).toBe('served');
    expect(await ask(port, ca, ago(26))).toBe('CERT_HAS_EXPIRED');
    expect(await ask(port, ca, ago(40))).toBe('CERT_NOT_YET_VALID');
    expect(await ask(port, ca, Number.NaN)).toBe('CERT_NOT_YET_VALID');
  });

  test('that is good by the clock of this machine is refused where the signed time says otherwise', async () => {
    const { key, cert, ca } = issueChain({ days: 3 });
    const port = await serve({ key, cert });
    expect(await ask(port, ca, Date.now())).toBe('served');
    expect(await ask(port, ca, ago(-10))).toBe('CERT_HAS_EXPIRED');
  });

  test('that has ended and is signed by nobody trusted here is refused: one fault does not hide the other', async () => {
    const [trusted, stranger] = [issueChain(), issueChain({ days: 3, madeAt: '-30d' })];
    const port = await serve(stranger);
    expect(await ask(port, trusted.ca, 'any')).toMatch(/^UNABLE_TO_|^SELF_SIGNED/);
    const alone = selfSigned(2, '-30d');
    expect(await ask(await serve(alone), trusted.ca, 'any')).toMatch(/^UNABLE_TO_|SELF_SIGNED/);
    expect(await ask(await serve(alone), alone.cert, 'any')).toBe('served');
  });

  test('that has ended and names another host is refused', async () => {
    const { key, cert, ca } = issueChain({ days: 3, madeAt: '-30d' });
    expect(await ask(await serve({ key, cert }), ca, 'any', 'localhost')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test.each<[string, IssueOptions]>([
    ['made for clients', { purpose: 'clientAuth' }],
    ['signed by one that is no authority', { betweenIsNoAuthority: true }],
  ])('that has ended and is %s is refused', async (_name, options) => {
    const { key, cert, ca } = issueChain({ days: 3, madeAt: '-30d', ...options });
    expect(await ask(await serve({ key, cert }), ca, 'any')).not.toBe('served');
  });
});
