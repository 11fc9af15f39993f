import { LeaseholdError } from './problems.js';

/** Parses a JSON object and refuses duplicate member names and `__proto__` at any depth: two readers of one signed text
 * must never see two different things (RFC 8725 section 2.4 and RFC 8259 section 4). */
export function parseStrict(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(`${what} is not JSON.`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(`${what} is no JSON object.`);
  refuseDuplicates(text, what);
  return value as Record<string, unknown>;
}

/** `text` is known to be valid JSON, so only strings and brackets have to be told apart. */
function refuseDuplicates(text: string, what: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === '{') open.push(new Set());
    else if (letter === '[') open.push(undefined);
    else if (letter === '}' || letter === ']') open.pop();
    else if (letter === '"') {
      const end = endOfString(text, at);
      if (nextLetter(text, end) === ':') {
        const name = JSON.parse(text.slice(at, end)) as string;
        const names = open.at(-1);
        if (name === '__proto__' || names?.has(name)) throw malformed(`${what} has the member "${name}" twice.`);
        names?.add(name);
      }
      at = end - 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function nextLetter(text: string, from: number): string | undefined {
  let at = from;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at];
}

function malformed(message: string, cause?: unknown): LeaseholdError {
  return new LeaseholdError('TOKEN_MALFORMED', message, { remedy: 'Fetch the token again from its authority.', cause });
}
