import { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Door } from '../../packages/authority/src/serving/door.js';

/** A door that somebody comes to in each of so many turns of the event loop, and in how many who is in was served. */
async function servedAfter(comers: number): Promise<number> {
  const server = new Server();
  const door = new Door();
  door.watch(server);
  const served: true[] = [];
  door.afterNewcomers(() => served.push(true));
  let turns = 0;
  for (; served.length === 0; turns += 1) {
    if (turns < comers) server.emit('connection');
    await nextTurn();
  }
  return turns;
}

test('who is in is served in the next turn of the event loop where nobody comes', async () => {
  expect(await servedAfter(0)).toBe(1);
});

test('as long as somebody comes, turns take up nothing but newcomers; not for ever', async () => {
  expect(await servedAfter(10)).toBe(11);
  expect(await servedAfter(100_000)).toBeLessThan(300);
});
