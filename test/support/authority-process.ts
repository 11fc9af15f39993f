import { startAuthority } from '@leasehold/authority';

/** An authority in a process of its own, so that it can be killed. Tells its address to whoever forked it. */
const [db, dataDir, port] = process.argv.slice(2);
const authority = await startAuthority({ db: db!, dataDir: dataDir!, port: Number(port) });
process.send!({ url: authority.url });
