import { LeaseholdError } from '@leasehold/protocol';

/** What a browser sends may be this long at most: the console's questions are a few words. */
const MAX_QUESTION = 4096;
/** What a browser takes from a host at most. */
const MAX_ANSWER = 1_048_576;

/** Native messages as browsers frame them: the length in 4 bytes, in the machine's own order (little-endian on every
 * machine they run on), then JSON. Ends with the stream, which is how a browser says that it is done.
 * @throws LeaseholdError PAYLOAD_TOO_LARGE, INPUT_INVALID: whoever is on the other side is no console */
export async function* questions(input: AsyncIterable<Buffer>): AsyncGenerator {
  let rest = Buffer.alloc(0);
  for await (const piece of input) {
    rest = Buffer.concat([rest, piece]);
    for (;;) {
      const size = rest.length < 4 ? Number.POSITIVE_INFINITY : rest.readUInt32LE(0);
      if (size !== Number.POSITIVE_INFINITY && size > MAX_QUESTION) {
        throw new LeaseholdError('PAYLOAD_TOO_LARGE', `A question of ${size} bytes is none of the console's.`);
      }
      if (rest.length < 4 + size) break;
      yield parse(rest.subarray(4, 4 + size));
      rest = rest.subarray(4 + size);
    }
  }
}

export function frame(answer: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(answer));
  if (body.length > MAX_ANSWER) throw new LeaseholdError('PAYLOAD_TOO_LARGE', 'The answer is too large for a browser.');
  const head = Buffer.alloc(4);
  head.writeUInt32LE(body.length);
  return Buffer.concat([head, body]);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new LeaseholdError('INPUT_INVALID', 'A question is no JSON.');
  }
}
