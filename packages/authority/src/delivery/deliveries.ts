import type { Services } from '../services.js';
import { Attempts } from '../timed/attempts.js';
import { Rounds } from '../timed/rounds.js';
import type { Mailer } from './mail.js';
import type { Delivery, Ended } from './queue.js';
import { postWebhook } from './webhook.js';

/** Sends the journal to webhooks and mailboxes: looks every second for what is due, sends it, and writes down how that
 * ended. Nothing of it holds up a command: what is sent was committed before. */
export class Deliveries {
  readonly #services: Services;
  #mailer: Mailer | undefined;
  readonly #rounds = new Rounds(() => this.#work());
  readonly #attempts = new Attempts((_work, code) => {
    this.#services.settings.log({ level: 'error', event: 'deliveries.failed', code });
  });

  constructor(services: Services) {
    this.#services = services;
  }

  async start(): Promise<void> {
    const { mail, timedWorkSeconds } = this.#services.settings;
    // Loaded where mail is sent alone: it takes 3 MB.
    if (mail !== undefined) this.#mailer = new (await import('./mail.js')).Mailer(mail);
    this.#rounds.start(timedWorkSeconds);
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    this.#mailer?.close();
  }

  async #work(): Promise<void> {
    const { store, account, settings } = this.#services;
    const send = async () => {
      if (!(await store.read('deliveriesDue', { account, now: settings.now() }))) return;
      await store.execute('queueDeliveries', { account }, settings.now());
      const { outcome: due } = await store.execute('claimDeliveries', { account }, settings.now());
      await Promise.all(due.map((delivery) => this.#deliver(delivery)));
    };
    // The database may be away: what is due is still due when it comes back.
    await this.#attempts.try('send', send).catch(() => undefined);
  }

  async #deliver(delivery: Delivery): Promise<void> {
    const { store, account, settings } = this.#services;
    const { id, attempts, subscription } = delivery;
    const ended = subscription.kind === 'mail' ? await this.#mail(delivery) : await this.#post(delivery);
    const jitter = settings.random(1)[0]! / 256;
    await store.execute('settleDelivery', { account, id, attempts, ended, jitter }, settings.now());
    if (ended.kind !== 'delivered') {
      settings.log({ level: 'warn', event: 'delivery.failed', subscription: subscription.id, attempts });
    }
  }

  async #mail(delivery: Delivery): Promise<Ended> {
    if (this.#mailer === undefined) return { kind: 'failed', problem: 'No mail server is set; see the option mail.' };
    return this.#mailer.send(delivery, this.#services.account);
  }

  async #post(delivery: Delivery): Promise<Ended> {
    const { account, settings } = this.#services;
    const { row } = delivery;
    if (row === undefined) return { kind: 'failed', problem: 'The row of the journal is archived.' };
    const { type, epoch, seq, actor, payload } = row;
    const { subject, details, rows } = JSON.parse(payload ?? '{}') as Readonly<Record<string, unknown>>;
    const data = { account, epoch, seq, actor, subject, details, rows };
    const body = JSON.stringify({ type, timestamp: new Date(row.at).toISOString(), data });
    return postWebhook(delivery, body, settings.now(), this.#services);
  }
}
