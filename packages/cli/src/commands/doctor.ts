import { withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command } from '../command.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['What the vendor’s support needs: no key, no secret, nothing raw. Exit status 1 while a problem is open.'],
  run: (given, io) =>
    withLicense(given, (license) => {
      const report = license.diagnostics();
      if (given.json) io.out(JSON.stringify(report));
      else {
        printStatus(report.status, io);
        const { hypervisor, container, identity } = report.machine;
        io.out(
          `${'Hypervisor'.padEnd(22)}${hypervisor.kind}${hypervisor.name === null ? '' : ` (${hypervisor.name})`}`,
        );
        io.out(`${'Container'.padEnd(22)}${container.kind ?? 'none'}`);
        io.out(`${'Identity'.padEnd(22)}${identity.state} (${identity.reason})`);
        io.out(`${'Usage not yet counted'.padEnd(22)}${JSON.stringify(report.usage)}`);
      }
      return Promise.resolve(report.status.problems.length > 0 ? EXIT.failed : EXIT.ok);
    }),
};
