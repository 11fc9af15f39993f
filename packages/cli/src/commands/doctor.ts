import type { License } from '@leasehold/sdk';
import { withLicense } from '../agent/open.js';
import { CONFIG_OPTION } from '../agent/config.js';
import { printSent } from '../agent/print-sent.js';
import { printStatus } from '../agent/print-status.js';
import { EXIT, type Command, type Given, type Io } from '../command.js';

export const command: Command = {
  options: {
    ...CONFIG_OPTION,
    'what-is-sent': { what: 'only what leaves this machine with an activation and a check-in, as it would leave now' },
  },
  notes: ['What the vendor’s support needs: no key, no secret, nothing raw. Exit status 1 while a problem is open.'],
  run: (given, io) =>
    withLicense(given, (license) => {
      const report = license.diagnostics();
      if (given.has('what-is-sent')) {
        if (given.json) io.out(JSON.stringify(report.sent));
        else printSent(report.sent, io);
        return Promise.resolve(EXIT.ok);
      }
      tell(report, given, io);
      return Promise.resolve(report.status.problems.length > 0 ? EXIT.failed : EXIT.ok);
    }),
};

function tell(report: ReturnType<License['diagnostics']>, given: Given, io: Io): void {
  if (given.json) {
    io.out(JSON.stringify(report));
    return;
  }
  printStatus(report.status, io);
  const { hypervisor, container, identity } = report.machine;
  io.out(`${'Hypervisor'.padEnd(22)}${hypervisor.kind}${hypervisor.name === null ? '' : ` (${hypervisor.name})`}`);
  io.out(`${'Container'.padEnd(22)}${container.kind ?? 'none'}`);
  io.out(`${'Identity'.padEnd(22)}${identity.state} (${identity.reason})`);
  io.out(`${'Usage not yet counted'.padEnd(22)}${JSON.stringify(report.usage)}`);
}
