import type { Io } from '../command.js';

const code = (number: number, text: string): string => `\u001b[${number}m${text}\u001b[0m`;

/** How the story speaks: numbered steps, short lines below them, a mark at each line's start. */
export class Screen {
  readonly #io: Io;
  readonly #colored: boolean;

  constructor(io: Io, colored: boolean) {
    this.#io = io;
    this.#colored = colored;
  }

  /** The heading of a step. */
  step(number: number, title: string): void {
    this.#io.out('');
    this.#io.out(this.#paint(1, `${number}. ${title}`));
  }

  /** Something went as it should. */
  done(text: string): void {
    this.#io.out(`   ${this.#paint(32, '✓')} ${text}`);
  }

  /** Something was refused, as it should be. */
  refused(text: string): void {
    this.#io.out(`   ${this.#paint(33, '⊘')} ${text}`);
  }

  /** A further line below the last one. */
  note(text: string): void {
    this.#io.out(`     ${this.#paint(2, text)}`);
  }

  /** A line to copy from: no mark, no color, no indent. */
  plain(text: string): void {
    this.#io.out(text);
  }

  failed(text: string): void {
    this.#io.err(`   ${this.#paint(31, '✗')} ${text}`);
  }

  #paint(number: number, text: string): string {
    return this.#colored ? code(number, text) : text;
  }
}
