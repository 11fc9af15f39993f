import { journalHash, payloadHash, type Sha256 } from '@leasehold/protocol';
import { TrustBroken } from '../connection/keyset.js';
import type { Anchor } from '../connection/saved.js';
import type { HeadClaims, JournalRow } from '../model/rows.js';

/** Hashes that are remembered, so that a head which arrives late can still be held against its row. */
const REMEMBERED = 2000;

/** Follows an account's journal row by row from a known place. Every row must follow from the one before, and every
 * signed head must name a hash that the rows lead to: one edited, removed or inserted row breaks it for good. */
export class JournalChain {
  readonly #account: string;
  readonly #sha256: Sha256;
  readonly #isPart: boolean;
  readonly #hashes = new Map<number, string>();
  #at: Anchor;
  #awaited: HeadClaims | undefined;
  #signed: Anchor | undefined;

  /** `isPart`: the token of a company sees its own rows alone. Each is held against its own hash and, where its neighbor is
   * seen too, against that; a signed head covers none of them. */
  constructor(account: string, anchor: Anchor, sha256: Sha256, isPart = false) {
    this.#account = account;
    this.#isPart = isPart;
    this.#sha256 = sha256;
    this.#at = anchor;
    this.#remember(anchor);
  }

  /** The last row that held. */
  get at(): Anchor {
    return this.#at;
  }

  /** The last row that a signed head covers. */
  get signed(): Anchor | undefined {
    return this.#signed;
  }

  /** `known`: seen before; `gap`: rows between are missing, ask for them. Rejects with TrustBroken. */
  async accept(row: JournalRow): Promise<'new' | 'known' | 'gap'> {
    if (row.seq <= this.#at.seq && row.epoch <= this.#at.epoch) {
      const known = this.#hashes.get(row.seq);
      if (known !== undefined && known !== row.hash) throw broken(row.seq, 'was sent before with another content');
      return 'known';
    }
    const isNext = row.seq === this.#at.seq + 1;
    if (!isNext && !this.#isPart) return 'gap';
    if (isNext && row.prev !== this.#at.hash) throw broken(row.seq, 'does not follow from the entry before it');
    await this.#checkRow(row);
    this.#at = { epoch: row.epoch, seq: row.seq, hash: row.hash };
    this.#remember(this.#at);
    if (this.#awaited !== undefined && this.#awaited.seq <= row.seq) this.confirm(this.#awaited);
    return 'new';
  }

  /** Holds a verified head against the rows. True once all rows up to it are covered. Throws TrustBroken. */
  confirm(head: HeadClaims): boolean {
    if (this.#isPart) return this.#goOnTo(head);
    if (head.seq > this.#at.seq) {
      this.#awaited = head;
      return false;
    }
    this.#awaited = undefined;
    const hash = this.#hashes.get(head.seq);
    if (hash !== undefined && hash !== head.hash) throw broken(head.seq, 'is not the one that the authority signed');
    if (hash !== undefined) this.#signed = { epoch: head.epoch, seq: head.seq, hash };
    return this.#signed?.seq === this.#at.seq;
  }

  /** All that is seen up to a head came before it. */
  #goOnTo({ epoch, seq, hash }: HeadClaims): false {
    if (seq > this.#at.seq) this.#at = { epoch, seq, hash };
    return false;
  }

  async #checkRow(row: JournalRow): Promise<void> {
    const { epoch, seq, at, type, actor, payloadHash: hash, prev } = row;
    const link = { account: this.#account, epoch, seq, at, type, actor, payloadHash: hash, prev };
    if ((await journalHash(link, this.#sha256)) !== row.hash) throw broken(seq, 'was changed after it was written');
    if (row.payload !== null && (await payloadHash(row.payload, this.#sha256)) !== hash) {
      throw broken(seq, 'has a content that is not the one it was chained with');
    }
  }

  #remember({ seq, hash }: Anchor): void {
    this.#hashes.set(seq, hash);
    if (this.#hashes.size > REMEMBERED) this.#hashes.delete(this.#hashes.keys().next().value ?? seq);
  }
}

function broken(seq: number, what: string): TrustBroken {
  return new TrustBroken('CHAIN_BROKEN', `Entry ${seq} of the journal ${what}.`);
}
