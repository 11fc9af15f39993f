import { join } from 'node:path';
import { leaseholdJson } from '../leasehold.js';
import { must, type Step } from '../story.js';

export const consoleStep: Step = {
  title: 'The authority keeps running; look at it in the browser',
  async run({ screen, place, admin, authority, extension, connection }) {
    await leaseholdJson(['check-in', '--config', place.agentConfig], place.folder);
    const { machines } = (await admin.call({ route: 'overview' })) as { machines: { total: number; valid: number } };
    must(machines.valid >= 1, 'the overview does not show this machine as valid');
    screen.done(`${authority.url} shows ${machines.total} machine, ${machines.valid} of them valid.`);
    screen.done('Load the extension, open it and paste the connection string:');
    screen.note(`Chromium: chrome://extensions, Developer mode, Load unpacked: ${join(extension, 'chromium')}`);
    screen.note(
      `Firefox: about:debugging, This Firefox, Load Temporary Add-on: ${join(extension, 'firefox', 'manifest.json')}`,
    );
    screen.plain('');
    screen.plain(connection);
    return {};
  },
};
