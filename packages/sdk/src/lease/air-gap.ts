import { createHash } from 'node:crypto';
import { LeaseholdError, formatExchange, readResponse, signToken } from '@leasehold/protocol';
import { assertText } from '../given.js';
import type { ExchangeRequestClaims, ExchangeResponseClaims, ReplyOf } from '@leasehold/protocol';
import { isCheckInReply, isDeactivateReply } from '@leasehold/protocol/guards';
import { readActivationKey } from './activation-key.js';
import { accept, activationRequest, renewalRequest, type Asking, type ContactParts } from './contact.js';
import type { DeviceIdentity } from '../machine/device-identity.js';
import type { Installation } from '../machine/installation.js';
import type { Intent } from './license-document.js';
import { forgetLineageNote } from './lineage.js';
import type { Ownership } from '../state/ownership.js';
import { notActivated } from '../problem-log.js';
import type { StateStore } from '../state/state-store.js';

const DOCUMENT = 'exchange';

/** What a file may ask for. Usage and refusals ride along on a renewal. */
export type RequestPurpose = 'activate' | 'renew' | 'deactivate';
/** One that is mistyped must not be taken for the last. */
const PURPOSES: ReadonlySet<string> = new Set<RequestPurpose>(['activate', 'renew', 'deactivate']);

interface AirGapParts extends Omit<Asking, 'trust' | 'clock'> {
  readonly installation: Installation;
  readonly identity: DeviceIdentity;
  readonly ownership: Ownership;
  readonly store: StateStore;
  readonly random: (size: number) => Uint8Array;
  readonly onChange: () => void;
}

/** The request that waits for its answer: the one that was made last, and no other. */
interface Pending {
  readonly digest: string;
  readonly call: ExchangeRequestClaims['call'];
  readonly intent: Intent;
  readonly keyDigest: string;
}

/** A machine without a network: its requests leave as files and the answers come back as files (design section 7). What is
 * in them is what would go over the wire, sealed by the device key and by the authority. */
export class AirGap {
  readonly #parts: AirGapParts;

  constructor(parts: AirGapParts) {
    this.#parts = parts;
  }

  /** The text of a request file. Made again before an answer came, it asks for the same: the answer to the former one is
   * then not taken any more. Throws NOT_ACTIVATED, LICENSE_KEY_TYPO, OPTIONS_INVALID, STATE_*. */
  async request(purpose: RequestPurpose): Promise<string> {
    const { ownership, store, random, settings, installation } = this.#parts;
    await ownership.assertNotReader();
    await installation.readAgain();
    const { call, body, signer, ...waiting } = await this.#ask(purpose);
    const iat = Math.floor(installation.clock.read().now / 1000);
    const jti = Buffer.from(random(16)).toString('base64url');
    const claims = { product: settings.product, call, body: { ...body }, iat, jti };
    const token = await signToken('request', claims, signer);
    const pending: Pending = { digest: createHash('sha256').update(token).digest('base64url'), call, ...waiting };
    const written = await store.write(DOCUMENT, pending);
    if (written.outcome !== 'written') {
      throw new LeaseholdError(
        'STATE_UNAVAILABLE',
        'The request cannot be kept, so that its answer could not be taken.',
        {
          path: 'stateDir',
          remedy: 'Make the state folder writable, then make the request again.',
        },
      );
    }
    return formatExchange('REQUEST', token);
  }

  /** Takes over the answer to the request that waits. Throws EXCHANGE_USED where none waits, TOKEN_FOREIGN for the answer
   * to another one, TOKEN_* and WRONG_ROOT for a file that was changed or is of somebody else; then nothing is changed. */
  async respond(file: string): Promise<void> {
    assertText(file, 'file');
    const { ownership, store, installation, onChange } = this.#parts;
    await ownership.assertNotReader();
    await installation.readAgain();
    const { keyset, token } = readResponse(file);
    const pending = await this.#pending();
    await installation.trust.adoptKeyset(keyset);
    const claims = await installation.trust.response(token);
    if (claims.request !== pending.digest || claims.call !== pending.call) {
      throw new LeaseholdError('TOKEN_FOREIGN', 'This file answers another request than the last one made here.', {
        path: 'request',
        remedy: 'Hand in the newest request file of this machine, and bring its answer.',
      });
    }
    await this.#take(claims, pending);
    await store.write(DOCUMENT, null);
    onChange();
  }

  async #ask(purpose: RequestPurpose) {
    if (!PURPOSES.has(purpose)) {
      throw new LeaseholdError('INPUT_INVALID', 'There are request files to activate, renew and deactivate.', {
        path: 'purpose',
        remedy: `Ask for one of ${[...PURPOSES].join(', ')}.`,
      });
    }
    if (purpose === 'activate') return this.#askForSeat();
    const { installation, identity, chain } = this.#parts;
    const { rights } = installation.standing;
    const { holding } = installation.document;
    const signer = await identity.find();
    if (holding === null || signer === undefined) throw notActivated();
    const { keyDigest } = holding;
    if (purpose === 'renew') {
      const { body, intent } = await renewalRequest(this.#asking, { holding, rights });
      return { call: 'checkIn', body, signer, intent, keyDigest } as const;
    }
    if (rights === undefined) throw notActivated();
    const intent = await chain.link(rights.lease.jti, null);
    const body = { instance: holding.instance, chain: { parent: intent.parent, nonce: intent.nonce } };
    return { call: 'deactivate', body, signer, intent, keyDigest } as const;
  }

  async #askForSeat() {
    const { settings, identity } = this.#parts;
    const typed = await readActivationKey(settings);
    if (typed === undefined) {
      throw new LeaseholdError('OPTIONS_INVALID', 'An activation needs the license key.', {
        path: 'activation.key',
        remedy: 'Give the license key with the request.',
      });
    }
    const { body, intent, keyDigest } = await activationRequest(this.#asking, typed);
    return { call: 'activate', body, signer: await identity.findOrCreate(), intent, keyDigest } as const;
  }

  async #pending(): Promise<Pending> {
    const read = await this.#parts.store.read(DOCUMENT);
    const pending = read.outcome === 'found' ? (read.value as Pending | null) : null;
    if (pending !== null && typeof pending.digest === 'string') return pending;
    throw new LeaseholdError('EXCHANGE_USED', 'No request of this machine waits for an answer: it was taken before.', {
      path: 'file',
      remedy: 'If the license is not as it should be, make a new request and hand that in.',
    });
  }

  async #take(claims: ExchangeResponseClaims, pending: Pending): Promise<void> {
    const { installation, identity, chain, usage } = this.#parts;
    const { reply } = claims;
    if (claims.call === 'deactivate' && isDeactivateReply(reply)) {
      await installation.clear();
      await chain.drop();
      await identity.forget();
      return;
    }
    const signer = await identity.find();
    if (claims.call === 'deactivate' || !isCheckInReply(reply) || signer === undefined) {
      throw new LeaseholdError('GUARD_FAILED', 'The answer in the file is not of the right form.', { path: 'file' });
    }
    const renewal: ReplyOf<'checkIn'> = reply;
    const { rights: held } = installation.standing;
    const { document, rights } = await accept(this.#answering, installation.document, {
      ...pending,
      ...(held === undefined ? {} : { epoch: held.lease.epoch }),
      reply: renewal,
      signer,
    });
    await installation.adopt(document, rights);
    await forgetLineageNote(this.#parts.settings.stateDir);
    if (renewal.usageSeen !== undefined) await usage.seen(renewal.usageSeen);
  }

  get #asking(): Asking {
    const { trust, clock } = this.#parts.installation;
    return { ...this.#parts, trust, clock };
  }

  /** Nobody can be asked for a newer keyset: the file brought it. */
  get #answering(): ContactParts {
    const call = (): Promise<never> =>
      Promise.reject(new LeaseholdError('KEY_UNKNOWN', 'The answer is signed by a key that its keyset does not list.'));
    return { ...this.#asking, transport: { call } };
  }
}
