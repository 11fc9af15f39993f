/** Where a command writes. Results go to `out`, what a person should notice beside them to `err`; each is one line. */
export interface Io {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** An option: `--name VALUE` where `value` names the placeholder, else a switch. */
export interface Option {
  readonly what: string;
  readonly value?: string;
  readonly short?: string;
  /** May stand several times. */
  readonly many?: boolean;
  readonly required?: boolean;
}

/** What was typed, read by the command's own table. */
export interface Given {
  /** Positional arguments, as many as the table names. */
  readonly args: readonly string[];
  /** Everything after `--`, untouched. */
  readonly rest: readonly string[];
  /** `--json`: exactly one object (or one a line) on the output, and nothing else. */
  readonly json: boolean;
  has(option: string): boolean;
  get(option: string): string | undefined;
  all(option: string): readonly string[];
}

/** One command: what may be typed, and what it does. The number is the exit status. */
export interface Command {
  readonly args?: readonly string[];
  /** Placeholder for what follows `--`, where the command takes it. */
  readonly rest?: string;
  readonly options?: Readonly<Record<string, Option>>;
  /** More words for `--help`: exit statuses, an example. */
  readonly notes?: readonly string[];
  run(given: Given, io: Io): Promise<number>;
}

/** Exit statuses that scripts may rely on. 77 (EX_NOPERM) is free of common meanings of backup engines. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 77 } as const;
