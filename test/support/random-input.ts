/** Random values of a JSON schema, repeatable by their seed. */
export class RandomInput {
  #state: number;
  /** Ids that the authority answered with: what a path or a member may name. */
  readonly ids: string[] = ['none'];

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** In [0, 1): mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  upTo(most: number): number {
    return Math.floor(this.next() * (most + 1));
  }

  pick<T>(list: readonly T[]): T {
    return list[this.upTo(list.length - 1)]!;
  }

  /** A value that the schema takes. */
  valid(schema: Schema): unknown {
    if (schema.anyOf !== undefined) return this.valid(this.pick(schema.anyOf));
    if (schema.const !== undefined) return schema.const;
    switch (schema.type) {
      case 'object':
        return this.#object(schema);
      case 'array': {
        const least = schema.minItems ?? 0;
        return Array.from({ length: least + this.upTo(2) }, () => this.valid(schema.items ?? {}));
      }
      case 'string':
        return this.#text(schema);
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'boolean':
        return this.chance(0.5);
      case 'null':
        return null;
      case undefined:
      default:
        return this.pick([null, 7, 'anything', {}, []]);
    }
  }

  /** A value that was valid until one place in it was damaged. */
  damaged(schema: Schema): unknown {
    const value = this.valid(schema);
    if (typeof value !== 'object' || value === null || this.chance(0.15)) return this.odd();
    const names = Object.keys(value);
    if (names.length === 0) return this.odd();
    const name = this.pick(names);
    const inner = (value as Record<string, unknown>)[name];
    if (this.chance(0.3)) {
      const { [name]: _gone, ...rest } = value as Record<string, unknown>;
      return Array.isArray(value) ? [] : rest;
    }
    const deeper = typeof inner === 'object' && inner !== null && this.chance(0.6);
    const copy = structuredClone(value) as Record<string, unknown>;
    copy[name] = deeper ? this.damaged({ const: inner }) : this.odd();
    return copy;
  }

  /** The same for a path or a query. */
  oddText(): string {
    const value = this.odd();
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** What nobody expects. */
  odd(): unknown {
    return this.pick<unknown>([
      null,
      true,
      -1,
      1.5,
      1e308,
      Number.MAX_SAFE_INTEGER,
      '',
      ' ',
      'x'.repeat(5000),
      '\u0000',
      '\ud800',
      'ключ 鍵 🔑',
      "' OR 1=1 --",
      '../../etc/passwd',
      '__proto__',
      '2026-02-30',
      '9999-12-31',
      [],
      {},
      [[[[[[[[]]]]]]]],
      { toString: 1 },
      Array.from({ length: 300 }, () => 0),
    ]);
  }

  #object({ properties = {}, required = [], patternProperties }: Schema): object {
    const object: Record<string, unknown> = {};
    for (const [name, schema] of Object.entries(properties)) {
      if (required.includes(name) || this.chance(0.4)) object[name] = this.valid(schema);
    }
    const [value] = Object.values(patternProperties ?? {});
    if (value !== undefined)
      for (const name of ['obm', 'acb', 'mac']) if (this.chance(0.5)) object[name] = this.valid(value);
    return object;
  }

  #number({ minimum = 0, maximum = 1_000_000 }: Schema): number {
    return this.chance(0.2) ? this.pick([minimum, maximum]) : minimum + this.upTo(Math.min(maximum - minimum, 20));
  }

  #text({ pattern, minLength = 0, maxLength = 40 }: Schema): string {
    if (pattern !== undefined) return this.#patterned(pattern);
    if (this.chance(0.4)) return this.pick(this.ids).slice(0, maxLength);
    const length = Math.min(maxLength, minLength + this.upTo(12));
    return Array.from({ length }, () => this.pick([...'abcXYZ019-_ .:'])).join('');
  }

  #patterned(pattern: string): string {
    const day = `2026-0${1 + this.upTo(8)}-1${this.upTo(9)}`;
    const samples = [
      `${day}T10:00:00Z`,
      day,
      day.slice(0, 7),
      'AAAAAAAAAAAAAAAAAAAAAA',
      'https://127.0.0.1:9/hook',
      '*',
      'license.',
      'obm',
      '12',
    ];
    const fits = samples.filter((sample) => new RegExp(pattern).test(sample));
    if (fits.length === 0) throw new Error(`no sample for the pattern ${pattern}`);
    const [first = ''] = fits;
    return first === samples[3]
      ? Array.from({ length: 22 }, () => this.pick([...'abcdefghXYZ0123_-'])).join('')
      : this.pick(fits);
  }
}

/** What of JSON Schema the messages use. */
export interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}
