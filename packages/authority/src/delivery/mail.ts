import { createTransport, type Transporter } from 'nodemailer';
import type { Delivery, Ended } from './queue.js';

/** How mail leaves: `smtps://user:password@mail.example:465` or `smtp://…`, and whom it is from. */
export interface MailOptions {
  readonly url: string;
  readonly from: string;
}

/** Sends events to mailboxes by SMTP. */
export class Mailer {
  readonly #transport: Transporter;
  readonly #from: string;

  constructor({ url, from }: MailOptions) {
    const timeouts = { connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 30_000 };
    this.#transport = createTransport({ url, disableFileAccess: true, disableUrlAccess: true, ...timeouts });
    this.#from = from;
  }

  /** One event to one mailbox. Its id is the message's, so that a mail sent twice, because a node died in between, is
   * known as the same. */
  async send({ id, subscription, row }: Delivery, account: string): Promise<Ended> {
    if (row === undefined) return { kind: 'failed', problem: 'The row of the journal is archived.' };
    const domain = this.#from
      .split('@')
      .at(-1)!
      .replaceAll(/[^\w.-]/g, '');
    try {
      await this.#transport.sendMail({
        from: this.#from,
        to: subscription.target,
        messageId: `<${id}@${domain}>`,
        subject: `[${account}] ${row.type} ${row.subject}`,
        text: [
          `${row.type}: ${row.subject}`,
          `At ${new Date(row.at).toISOString()}, by ${row.actor}.`,
          '',
          `Journal ${row.epoch}:${row.seq} of the account ${account}. More is in the console.`,
        ].join('\n'),
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
      return { kind: 'delivered' };
    } catch (error) {
      // What a mail server says may repeat a password; its code says enough.
      const { code = 'failed', responseCode } = error as { readonly code?: string; readonly responseCode?: number };
      return {
        kind: 'failed',
        problem: `The mail server: ${code}${responseCode === undefined ? '' : ` ${responseCode}`}.`,
      };
    }
  }

  close(): void {
    this.#transport.close();
  }
}
