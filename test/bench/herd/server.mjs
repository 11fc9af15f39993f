// A built authority in a process of its own, that tells what it costs: memory, and CPU since it was asked last.
import { startAuthority } from '@leasehold/authority';

const authority = await startAuthority(JSON.parse(process.argv[2]));
let cpu = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  cpu = process.cpuUsage();
  process.send({ rss: process.memoryUsage().rss, most: process.resourceUsage().maxRSS * 1024, cpu: user + system });
});
process.on('disconnect', () => void authority.close().then(() => process.exit(0)));
process.send({ url: authority.url });
