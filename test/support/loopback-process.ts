import { startLoopbackAuthority } from './loopback-authority.js';

/** The tests' own authority as a process of its own, so that what it costs is not counted as the agent's. */
const authority = await startLoopbackAuthority();
process.send?.({ url: authority.url, root: authority.root });
process.on('disconnect', () => process.exit(0));
