/** The last rows of the journal as they travel, so that a thousand clients that come back at once ask the store nothing. */
export class RecentRows {
  readonly #rows: { readonly seq: number; readonly text: string }[] = [];
  readonly #mostChars: number;
  #chars = 0;

  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  /** Adds the row that follows the last one; the oldest go when there are too many. */
  push(seq: number, text: string): void {
    if (this.#rows.length > 0 && this.#rows.at(-1)!.seq !== seq - 1) this.clear();
    this.#rows.push({ seq, text });
    this.#chars += text.length;
    while (this.#chars > this.#mostChars && this.#rows.length > 1) this.#chars -= this.#rows.shift()!.text.length;
  }

  /** What follows `seq`, about `chars` of it, and the number that it reaches; undefined when it does not go back so far. */
  after(seq: number, chars: number): { readonly text: string; readonly seq: number } | undefined {
    const first = this.#rows[0];
    if (first === undefined || seq < first.seq - 1) return undefined;
    let text = '';
    let index = seq + 1 - first.seq;
    while (index < this.#rows.length && text.length < chars) {
      text += this.#rows[index]!.text;
      index += 1;
    }
    return text === '' ? undefined : { text, seq: first.seq + index - 1 };
  }

  clear(): void {
    this.#rows.length = 0;
    this.#chars = 0;
  }
}
