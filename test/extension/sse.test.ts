import { expect, test } from 'vitest';
import { SseParser } from '../../extension/src/feed/sse.js';

const all = (pieces: readonly string[]) => {
  const parser = new SseParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

test('an event has its name, its id and its data', () => {
  expect(all(['id: 1:7\nevent: row\ndata: {"a":1}\n\n'])).toEqual([{ event: 'row', id: '1:7', data: '{"a":1}' }]);
});

test('the same stream gives the same events wherever it is cut', () => {
  const stream =
    ': beat\n\nid: 1:7\r\nevent: row\r\ndata: one\r\ndata: two\r\n\r\ndata:three\n\nevent: head\ndata: x\n\n';
  const whole = all([stream]);
  expect(whole.map(({ event, data }) => [event, data])).toEqual([
    ['row', 'one\ntwo'],
    ['message', 'three'],
    ['head', 'x'],
  ]);
  for (let cut = 1; cut < stream.length; cut += 1) {
    expect(all([stream.slice(0, cut), stream.slice(cut)]), `cut at ${cut}`).toEqual(whole);
  }
});

test('comments and events without data are no events', () => {
  expect(all([': heartbeat\n\n', 'event: row\n\n', 'id: 5\n\n'])).toEqual([]);
});

test('an event that never ends is refused instead of kept', () => {
  const parser = new SseParser();
  const flood = 'x'.repeat(1_000_000);
  expect(() => {
    for (let i = 0; i < 10; i += 1) parser.push(flood);
  }).toThrow(/larger/);
  const lines = new SseParser();
  expect(() => {
    for (let i = 0; i < 10; i += 1) lines.push(`data: ${flood}\n`);
  }).toThrow(/larger/);
});
