import type { TokenBook } from './accounts/token-book.js';
import type { Keyring } from './keys/keyring.js';
import type { Settings } from './options.js';
import type { Payments } from './payments/open.js';
import type { Readiness } from './serving/readiness.js';
import type { AuthorityRegistry } from './registry.js';
import type { Store } from './store/index.js';

/** What every handler works with. */
export interface Services {
  readonly settings: Settings;
  readonly store: Store<AuthorityRegistry>;
  readonly keyring: Keyring;
  readonly tokens: TokenBook;
  readonly readiness: Readiness;
  readonly payments: Payments;
  readonly account: string;
  readonly version: string;
}
