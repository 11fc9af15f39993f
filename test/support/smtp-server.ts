import { createRequire } from 'node:module';
import type { AddressInfo, Server } from 'node:net';
import type { Readable } from 'node:stream';

interface SmtpServer {
  readonly server: Server;
  listen(port: number, host: string, done: () => void): void;
  close(done: () => void): void;
}
interface Session {
  readonly envelope: { readonly rcptTo: readonly { readonly address: string }[] };
}
type OnData = (stream: Readable, session: Session, done: (error?: Error) => void) => void;
// The package brings no types.
const { SMTPServer } = createRequire(import.meta.url)('smtp-server') as {
  readonly SMTPServer: new (options: {
    readonly authOptional: boolean;
    readonly disabledCommands: string[];
    onData: OnData;
  }) => SmtpServer;
};

/** A mail server on loopback that keeps what it gets, or refuses it while a test says so. */
export interface MailServer {
  readonly url: string;
  readonly mails: { readonly to: readonly string[]; readonly text: string }[];
  refuses: boolean;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: MailServer['mails'] = [];
  const onData: OnData = (stream, session, done) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    stream.on('end', () => {
      if (mailServer.refuses) return done(Object.assign(new Error('try later'), { responseCode: 451 }));
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() });
      done();
    });
  };
  const smtp = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'], onData });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => smtp.close(resolve));
  const mailServer: MailServer = { url: `smtp://127.0.0.1:${port}`, mails, refuses: false, close };
  return mailServer;
}
