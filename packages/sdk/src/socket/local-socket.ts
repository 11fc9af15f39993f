import { createConnection, createServer } from 'node:net';
import type { ListenOptions, Socket } from 'node:net';

/** One question and one answer over a local socket, each a line of JSON: `{"ask":"status"}`, then
 * `{"ok":true,"value":…}` or `{"ok":false,"code":"FORBIDDEN"}`. */
export type LocalAnswer =
  | { readonly outcome: 'answered'; readonly value: unknown }
  | { readonly outcome: 'refused'; readonly code: string }
  /** Nobody listens: the process that made the socket is gone. */
  | { readonly outcome: 'gone'; readonly cause: unknown }
  /** Somebody listened and closed the connection without a word: ask again. */
  | { readonly outcome: 'hung_up'; readonly cause: unknown }
  /** Somebody listens and does not answer in time, or not in our form. */
  | { readonly outcome: 'silent'; readonly cause: unknown }
  | { readonly outcome: 'not_permitted'; readonly cause: unknown };

/** What may be asked, by word; a word that is missing is FORBIDDEN. An answer that throws is INTERNAL. */
export type Answers = Readonly<Record<string, () => unknown>>;

const MAX_QUESTION = 1024;
const MAX_ANSWER = 1_048_576;
const IDLE_MS = 2000;

export interface LocalServer {
  /** Stops listening and hangs up on whoever is connected; the socket's file is gone when this resolves. */
  close(): Promise<void>;
}

/** Listens until closed; does not keep the process alive. Rejects with the system's error. */
export async function listenLocal(path: string, answers: Answers, options: ListenOptions = {}): Promise<LocalServer> {
  const connected = new Set<Socket>();
  const server = createServer((socket) => {
    connected.add(socket);
    socket.on('close', () => connected.delete(socket));
    serve(socket, answers);
  });
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // A worker of node:cluster would have its parent listen, which would hold the lock of a process that is gone.
    server.listen({ ...options, path, exclusive: true }, resolve);
  });
  // Whatever goes wrong with a listener later (descriptors used up) is no reason to take the vendor's process down.
  server.removeAllListeners('error').on('error', () => undefined);
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of connected) socket.destroy();
      }),
  };
}

/** Asks the process behind `path`. Never rejects. */
export function askLocal(path: string, ask: string, timeoutMs: number = IDLE_MS): Promise<LocalAnswer> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let text = '';
    const finish = (answer: LocalAnswer): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => finish({ outcome: 'silent', cause: undefined }));
    socket.on('connect', () => socket.write(`${JSON.stringify({ ask })}\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n') || text.length > MAX_ANSWER) finish(readAnswer(text));
    });
    socket.on('close', () => finish(text === '' ? { outcome: 'hung_up', cause: undefined } : readAnswer(text)));
    socket.on('error', (cause: NodeJS.ErrnoException) =>
      finish({ outcome: OUTCOMES[cause.code ?? ''] ?? 'silent', cause }),
    );
  });
}

const OUTCOMES: Readonly<Record<string, 'gone' | 'hung_up' | 'not_permitted'>> = {
  ECONNRESET: 'hung_up',
  EPIPE: 'hung_up',
  ECONNREFUSED: 'gone',
  ENOENT: 'gone',
  ENOTSOCK: 'gone',
  EACCES: 'not_permitted',
  EPERM: 'not_permitted',
};

function serve(socket: Socket, answers: Answers): void {
  let text = '';
  socket.unref().setEncoding('utf8');
  socket.setTimeout(IDLE_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    if (text.includes('\n')) return;
    text += chunk;
    if (text.length > MAX_QUESTION) socket.destroy();
    else if (text.includes('\n')) {
      // The question is whole; a check with the authority may take longer than an idle caller is given.
      socket.setTimeout(0);
      void reply(text, answers).then((line) => socket.end(`${line}\n`));
    }
  });
}

async function reply(question: string, answers: Answers): Promise<string> {
  try {
    const { ask } = JSON.parse(question) as { ask?: unknown };
    if (typeof ask !== 'string') return JSON.stringify({ ok: false, code: 'INPUT_INVALID' });
    const answer = Object.hasOwn(answers, ask) ? answers[ask] : undefined;
    if (answer === undefined) return JSON.stringify({ ok: false, code: 'FORBIDDEN' });
    return JSON.stringify({ ok: true, value: await answer() });
  } catch (error) {
    return JSON.stringify({ ok: false, code: error instanceof SyntaxError ? 'INPUT_INVALID' : 'INTERNAL' });
  }
}

function readAnswer(text: string): LocalAnswer {
  try {
    const { ok, value, code } = JSON.parse(text) as { ok?: unknown; value?: unknown; code?: unknown };
    if (ok === true) return { outcome: 'answered', value };
    if (ok === false && typeof code === 'string') return { outcome: 'refused', code };
    return { outcome: 'silent', cause: undefined };
  } catch (cause) {
    return { outcome: 'silent', cause };
  }
}
