/** How something was told: which source, and what it says in our words. Never a raw serial, name or address. */
export interface Evidence {
  /** For people and for diagnostics: `DMI product name`, `/.dockerenv`. */
  readonly source: string;
  readonly says: string;
}
