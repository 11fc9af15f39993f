import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { LeaseholdError, type Message } from '@leasehold/protocol';
import type { License } from '@leasehold/sdk';
import { handOn, lendingOf, type Lending } from '@leasehold/sdk/relay';
import { en, explain, type Decision } from '@leasehold/terms';
import { digestOfCode, newCode, type Enrollment } from './enrollment.js';
import { RecordLog } from './record-log.js';
import { placeInChain, SlotBook, type Slot } from './slots.js';
import { nextHead, subLeaseOf } from './sub-lease.js';

type CheckInReply = Message<'CheckInReply'>;

const DAY = 86_400_000;
/** Agents come back daily, a random part of this earlier, so that they do not come together. */
const JITTER = DAY / 8;

export interface DeskOptions {
  readonly license: License;
  readonly folder: string;
  readonly random: (size: number) => Uint8Array;
}

/** What an agent asked for, and the device key it proved. */
export interface Asked<Body> {
  readonly jkt: string;
  readonly body: Body;
}

/** Gives sub-leases of one Pool Key: who holds which slot, decided in memory and answered once it is on disk. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #slots: SlotBook;
  readonly #codes: RecordLog<Enrollment>;

  private constructor(options: DeskOptions, slots: SlotBook, codes: RecordLog<Enrollment>) {
    this.#options = options;
    this.#slots = slots;
    this.#codes = codes;
  }

  static async open(options: DeskOptions): Promise<Desk> {
    const slots = await SlotBook.open(join(options.folder, 'slots.log'));
    const codes = await RecordLog.open<Enrollment>(join(options.folder, 'codes.log'));
    return new Desk(options, slots, codes);
  }

  get slots(): readonly Slot[] {
    return this.#slots.list();
  }

  used(now: number): Record<string, number> {
    return this.#slots.used(now);
  }

  /** A code by which agents join as clients of `kind` until it ends; it is shown once. */
  async enroll(kind: string, days: number): Promise<string> {
    const { now } = await this.#lending();
    const code = newCode(this.#options.random);
    await this.#codes.put(digestOfCode(code), { kind, until: now + days * DAY });
    return code;
  }

  /** Takes a client off the relay. Its number can be given again once the lease it holds has ended. */
  async remove(id: string): Promise<Slot> {
    const slot = { ...this.#known(id), removed: true };
    await this.#slots.put(slot);
    return slot;
  }

  async keyset(): Promise<{ readonly keyset: string; readonly serverTime: string }> {
    const { keyset, now } = await this.#lending();
    return { keyset, serverTime: new Date(now).toISOString() };
  }

  /** An agent joins by code: the same machine gets its own slot back, another one the next number. Throws
   * LICENSE_KEY_TYPO, LICENSE_KEY_UNKNOWN, SEATS_EXHAUSTED, AUTHORITY_UNREACHABLE. */
  async activate({ jkt, body }: Asked<Message<'ActivateRequest'>>): Promise<CheckInReply> {
    const lending = await this.#lending();
    assertProduct(lending, body.product);
    const { kind } = this.#enrollmentOf(body.licenseKey, lending.now);
    const found = this.#slots.slotOf(kind, jkt, body.machine.components);
    if (found?.jkt === jkt && found.head.nonce === body.chain.nonce) return this.#reply(found, lending, 'same');
    // A device key that this slot had before is alive beside the present one: two machines, so the second is one of its own.
    const isCopy = found?.formerKeys.includes(jkt) === true;
    const before = isCopy ? undefined : found;
    const n = before === undefined ? this.#nextNumber(kind, lending) : this.#within(before, lending).n;
    const slot = joined({ before, n, kind, jkt }, body, lending);
    await this.#slots.put(slot);
    return this.#reply(slot, lending, isCopy ? 'cloned' : 'same');
  }

  /** One round trip: usage is taken in, the sub-lease is renewed along its chain. A client beyond a lowered quota is
   * refused by LMP-3.10 and goes on restoring. */
  async checkIn({ jkt, body }: Asked<Message<'CheckInRequest'>>): Promise<CheckInReply> {
    const lending = await this.#lending();
    assertProduct(lending, body.product);
    const asking = this.#within(this.#held(body.instance, jkt), lending);
    const seen = await this.#takeUsage(asking, body.usage);
    // Read again: another request of this agent may have come in between.
    const before = this.#within(this.#held(body.instance, jkt), lending);
    const { slot: placed, repeated, verdict } = placeInChain(before, body.chain);
    const counted = countedAfter(before, seen);
    const { components, label } = body.machine;
    const head = repeated ? placed.head : nextHead(placed, body.chain, lending);
    const slot = { ...placed, components, label, counted, head };
    await this.#slots.put(slot);
    const reply = await this.#reply(slot, lending, verdict, body);
    return seen === undefined ? reply : { ...reply, usageSeen: seen };
  }

  async deactivate({ jkt, body }: Asked<Message<'DeactivateRequest'>>): Promise<Message<'DeactivateReply'>> {
    const { now } = await this.#lending();
    const { id } = this.#held(body.instance, jkt);
    await this.#slots.remove(id);
    return { instance: id, reusableFrom: null, serverTime: new Date(now).toISOString() };
  }

  async close(): Promise<void> {
    await this.#slots.close();
    await this.#codes.close();
  }

  /** The relay's own lease bounds all others: without a live one it lends nothing, and agents ride on what they hold. */
  async #lending(): Promise<Lending> {
    const lending = await lendingOf(this.#options.license);
    if (lending !== undefined && lending.now < lending.claims.exp * 1000) return lending;
    throw new LeaseholdError('AUTHORITY_UNREACHABLE', 'The backup server holds no live license that it could lend.', {
      remedy: 'Check the license of the backup server; what its clients hold goes on until it ends.',
      retryAfterSeconds: 600,
    });
  }

  #enrollmentOf(typed: string, now: number): Enrollment {
    const known = this.#codes.records.get(digestOfCode(typed));
    if (known !== undefined && now < known.until) return known;
    throw new LeaseholdError('LICENSE_KEY_UNKNOWN', 'No client can join by this enrollment code (any more).', {
      path: 'licenseKey',
      remedy: 'Ask the administrator of the backup server for a new code.',
    });
  }

  /** Throws SEATS_EXHAUSTED. */
  #nextNumber(kind: string, { quota, now }: Lending): number {
    const most = quota[kind] ?? 0;
    const n = this.#slots.nextNumber(kind, most, now);
    if (n === undefined) throw exhausted(kind, most);
    return n;
  }

  /** A client beyond a lowered quota takes the number of one that was taken off, as its refusal tells (LMP-3.10). */
  #within(slot: Slot, { quota, now }: Lending): Slot {
    const most = quota[slot.kind] ?? 0;
    if (slot.n <= most) return slot;
    const n = this.#slots.gap(slot.kind, most, now);
    if (n === undefined) throw overQuota();
    return { ...slot, n };
  }

  #known(id: string): Slot {
    const slot = this.#slots.get(id);
    if (slot !== undefined) return slot;
    throw new LeaseholdError('INSTANCE_UNKNOWN', 'This relay does not know the client.', {
      path: 'instance',
      remedy: 'Join again with an enrollment code; the same machine gets its slot back.',
    });
  }

  #held(id: string, jkt: string): Slot {
    const slot = this.#known(id);
    if (slot.removed) {
      throw new LeaseholdError('NOT_ACTIVATED', 'The client was taken off this relay.', {
        remedy: 'Join again with an enrollment code.',
      });
    }
    if (slot.jkt === jkt) return slot;
    throw new LeaseholdError('FORBIDDEN', 'The slot belongs to another device key.', {
      remedy: 'Join again with an enrollment code: this machine was set up anew, or its state was copied.',
    });
  }

  /** Hands usage on to the server's own outbox. Killed before its own book says so, the relay hands it on again when the
   * agent repeats itself; the authority knows it by its source. */
  async #takeUsage(slot: Slot, batch: Message<'UsageBatch'> | undefined): Promise<Seen | undefined> {
    if (batch === undefined) return undefined;
    const { epoch } = batch;
    const { id } = slot;
    const seen = slot.counted[epoch] ?? 0;
    const fresh = batch.records.filter(({ n }) => n > seen);
    const handed = fresh.map(({ kind, bytes, count, n }) => {
      return { kind, bytes, count, machine: id, source: { id, epoch, n } };
    });
    await handOn(this.#options.license, handed);
    return { epoch, n: fresh.at(-1)?.n ?? seen };
  }

  async #reply(
    slot: Slot,
    lending: Lending,
    verdict: CheckInReply['verdict'],
    held?: Pick<Message<'CheckInRequest'>, 'entitlementsDigest' | 'keysetVersion'>,
  ): Promise<CheckInReply> {
    await this.#slots.settled();
    const { claims, keyset, keysetVersion, entitlements, lease, signer, now } = lending;
    const [byte = 0] = this.#options.random(1);
    // With a new keyset they come anew: it may not prove any more what a former key sealed.
    const { epoch, version } = held?.keysetVersion ?? {};
    const sameKeyset = epoch === keysetVersion.epoch && version === keysetVersion.version;
    const sameEntitlements = held?.entitlementsDigest === claims.entitlements && sameKeyset;
    return {
      instance: slot.id,
      lease: await subLeaseOf(slot, lending),
      ...(sameEntitlements ? {} : { entitlements }),
      keyset,
      relay: { lease, x: signer.publicKey.x },
      serverTime: new Date(now).toISOString(),
      renewAfter: new Date(now + DAY - (byte / 256) * JITTER).toISOString(),
      verdict,
      notices: [],
    };
  }
}

/** Up to where an agent's outbox was handed on. */
type Seen = NonNullable<CheckInReply['usageSeen']>;

/** Outbox epochs that are remembered of an agent: each of its starts begins one, and an old one does not come again. */
const EPOCHS = 16;

function countedAfter({ counted }: Slot, seen: Seen | undefined): Slot['counted'] {
  if (seen === undefined) return counted;
  const { [seen.epoch]: former = 0, ...others } = counted;
  const kept = Object.entries(others).slice(1 - EPOCHS);
  return Object.fromEntries([...kept, [seen.epoch, Math.max(former, seen.n)]]);
}

function joined(
  place: { readonly before: Slot | undefined; readonly n: number; readonly kind: string; readonly jkt: string },
  { machine, chain }: Message<'ActivateRequest'>,
  lending: Lending,
): Slot {
  const { before, n, kind, jkt } = place;
  const former =
    before === undefined || before.jkt === jkt ? (before?.formerKeys ?? []) : [...before.formerKeys, before.jkt];
  return {
    id: before?.id ?? `client-${randomUUID()}`,
    kind,
    n,
    jkt,
    formerKeys: former.slice(-8),
    label: machine.label,
    components: machine.components,
    since: before?.since ?? Math.floor(lending.now / 1000),
    head: nextHead(before ?? {}, chain, lending),
    left: [],
    forked: false,
    removed: false,
    counted: before?.counted ?? {},
  };
}

function assertProduct({ claims }: Lending, product: string): void {
  if (claims.product === product) return;
  throw new LeaseholdError('INPUT_INVALID', 'This relay lends licenses of another product.', {
    path: 'product',
    remedy: `Use the product id ${claims.product}.`,
  });
}

function overQuota(): LeaseholdError {
  const decision: Decision = { decision: 'refuse', reason_rule: 'LMP-3.10', code: 'OVER_QUOTA' };
  const { sentence, cure } = explain(decision, en);
  return new LeaseholdError('REFUSED', sentence, {
    rule: 'LMP-3.10',
    reason: 'OVER_QUOTA',
    decision,
    ...(cure === '' ? {} : { remedy: cure }),
  });
}

function exhausted(kind: string, quota: number): LeaseholdError {
  return new LeaseholdError('SEATS_EXHAUSTED', `All ${quota} clients of the kind ${kind} are taken.`, {
    rule: 'LMP-2.4',
    remedy: 'Raise the quota of the Pool Key, or take a client off the relay that is gone.',
  });
}
