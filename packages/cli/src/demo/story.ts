import type { LicenseOptions } from '@leasehold/sdk';
import type { AdminClient } from '../admin/client.js';
import type { Engine } from './engine.js';
import type { AuthorityProcess } from './leasehold.js';
import type { Place } from './place.js';
import type { Screen } from './screen.js';

/** What the steps share from the beginning. */
export interface Stage {
  readonly screen: Screen;
  readonly place: Place;
  readonly authority: AuthorityProcess;
  /** Where the extension's builds are. */
  readonly extension: string;
}

/** What the steps hand on to each other. */
export interface Props {
  /** An owner's way into the authority. */
  readonly admin: AdminClient;
  readonly connection: string;
  /** License keys by license id. */
  readonly keys: ReadonlyMap<string, string>;
  /** The agent's settings, as a product gives them to the SDK. */
  readonly agent: LicenseOptions;
  readonly engine: Engine;
}

export type Story = Stage & Props;

export interface Step {
  readonly title: string;
  /** Answers what it adds for the steps after it. */
  run(story: Story): Promise<Partial<Props>>;
}

/** Holds a step to its word. @throws Error when what must be so is not so */
export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
