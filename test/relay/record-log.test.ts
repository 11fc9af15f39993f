import { appendFileSync, mkdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RecordLog } from '../../packages/relay/src/record-log.js';
import { cleanUp, temporaryFolder } from '../support/sdk-fixture.js';

const place = (): string => join(temporaryFolder(), 'relay', 'slots.log');

async function opened(path: string): Promise<RecordLog<number>> {
  const log = await RecordLog.open<number>(path);
  cleanUp(() => log.close());
  return log;
}

test('what was put is there after it is opened again, and what was removed is not', async () => {
  const path = place();
  const log = await opened(path);
  await Promise.all([log.put('a', 1), log.put('b', 2), log.put('a', 3)]);
  await log.remove('b');
  await log.close();
  expect([...(await opened(path)).records]).toEqual([['a', 3]]);
  expect(statSync(path).mode & 0o077).toBe(0);
});

test('a file cut at any length, or damaged in a line, gives every whole line and takes new ones', async () => {
  const path = place();
  const log = await opened(path);
  await log.put('a', 1);
  await log.put('b', 2);
  await log.close();
  const whole = readFileSync(path);
  const first = whole.indexOf('\n') + 1;
  for (let length = 0; length <= whole.length; length += 1) {
    writeFileSync(path, whole);
    truncateSync(path, length);
    const cut = await opened(path);
    const stands = length === whole.length ? ['a', 'b'] : length >= first ? ['a'] : [];
    expect([...cut.records.keys()]).toEqual(stands);
    await cut.put('c', 3);
    await cut.close();
    expect([...(await opened(path)).records.keys()]).toEqual([...stands, 'c']);
  }
  const flipped = Buffer.from(whole);
  flipped[first + 12]! ^= 1;
  writeFileSync(path, flipped);
  expect([...(await opened(path)).records.keys()]).toEqual(['a']);
});

test('a disk that refuses is said to whoever waits, and gets everything once it takes writes again', async () => {
  const path = place();
  rmSync(path, { force: true });
  const log = await opened(path);
  await log.put('a', 1);
  // Half a line stands in the file, and a folder stands where it would be written anew.
  appendFileSync(path, '00000000 ["b"');
  await log.close();
  mkdirSync(`${path}.tmp`);
  const refused = await opened(path);
  await expect(refused.put('b', 2)).rejects.toMatchObject({ code: 'EISDIR' });
  await expect(refused.settled()).rejects.toMatchObject({ code: 'EISDIR' });
  rmSync(`${path}.tmp`, { recursive: true });
  await refused.settled();
  await refused.close();
  expect([...(await opened(path)).records.keys()]).toEqual(['a', 'b']);
});

test('many changes of few records do not grow the file for ever', async () => {
  const path = place();
  const log = await opened(path);
  for (let n = 0; n < 100; n += 1) await log.put('a', n);
  await log.close();
  const long = statSync(path).size;
  const again = await opened(path);
  await again.settled();
  expect(statSync(path).size).toBeLessThan(long / 10);
  expect([...again.records]).toEqual([['a', 99]]);
});
