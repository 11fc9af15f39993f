import { openStore } from '../../packages/authority/src/store/index.js';
import { registry } from './store-later-registry.js';

/** A process that brings a database to the later schema, to be killed on its way. Argument: the database URL. */
const store = await openStore(process.argv[2]!, registry);
await store.close();
