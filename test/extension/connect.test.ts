import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatConnection } from '@leasehold/protocol';
import type { Fetch } from '../../extension/src/connection/authority.js';
import { connect, givenConnections } from '../../extension/src/connection/connect.js';
import { startBench, type Bench } from '../support/authority.js';
import { newSigner } from '../support/signing.js';
import { MemoryPlatform } from './support/memory-platform.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench(Date.now());
});
afterAll(() => bench.close());

const stringFor = (token = bench.ownerToken) => bench.authority.connectionFor(token);

describe('connecting', () => {
  test('asks for the one origin, verifies the keyset, stores the connection', async () => {
    const platform = new MemoryPlatform();
    const saved = await connect(platform, stringFor(), Date.now());
    expect(platform.asked).toEqual([bench.authority.url]);
    expect(saved).toMatchObject({ account: 'acme', name: 'Acme', url: bench.authority.url });
    expect(platform.stored.get('connections')).toEqual([saved]);
  });

  test('a string with line breaks of a mail program is the same string', async () => {
    const broken = stringFor().replaceAll(/(.{40})/g, '$1\r\n  ');
    expect((await connect(new MemoryPlatform(), broken, 1)).account).toBe('acme');
  });

  test('a string that is not whole asks for nothing and stores nothing', async () => {
    const platform = new MemoryPlatform();
    await expect(connect(platform, stringFor().slice(0, 60), 1)).rejects.toMatchObject({
      code: 'CONNECTION_STRING_INVALID',
    });
    expect(platform.asked).toEqual([]);
    expect(platform.stored.size).toBe(0);
  });

  test('connections that come by policy are offered when they are whole, and nothing else of it', async () => {
    const platform = new MemoryPlatform();
    expect(await givenConnections(platform)).toEqual([]);
    const whole = bench.authority.connectionFor(bench.ownerToken);
    platform.policy.set('connections', [whole, 'leasehold-connect:no', 7, null]);
    expect(await givenConnections(platform)).toEqual([whole]);
    platform.policy.set('connections', { 0: whole });
    expect(await givenConnections(platform)).toEqual([]);
  });

  test('a refused permission is its own problem', async () => {
    const platform = new MemoryPlatform();
    platform.grants = false;
    await expect(connect(platform, stringFor(), 1)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(platform.stored.size).toBe(0);
  });

  test('another root is refused before the token leaves, and host access goes back', async () => {
    const platform = new MemoryPlatform();
    const other = await newSigner();
    const seen: string[] = [];
    const fetch: Fetch = (url, init) => {
      seen.push(String(new Headers(init.headers).get('authorization')));
      return globalThis.fetch(url, init);
    };
    const pasted = formatConnection({ url: bench.authority.url, roots: [other.jwk.x], token: bench.ownerToken });
    await expect(connect(platform, pasted, 1, fetch)).rejects.toMatchObject({ code: 'WRONG_ROOT' });
    expect(seen).toEqual(['null']);
    expect(platform.released).toEqual([bench.authority.url]);
    expect(platform.stored.size).toBe(0);
  });

  test('a token that is not known, and nobody at the address', async () => {
    const wrong = stringFor(bench.ownerToken.slice(0, -4) + 'AAAA');
    await expect(connect(new MemoryPlatform(), wrong, 1)).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    const nowhere = formatConnection({ url: 'http://127.0.0.1:9', roots: [bench.rootJwk.x], token: 't' });
    await expect(connect(new MemoryPlatform(), nowhere, 1)).rejects.toMatchObject({ code: 'AUTHORITY_UNREACHABLE' });
  });
});
