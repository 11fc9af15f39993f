import { EXIT, type Command } from '../command.js';
import { surroundings } from '../native-host/places.js';
import { planOf, REGISTRATION_OPTIONS, registrationOf, takeBack } from '../native-host/registration.js';

export const command: Command = {
  options: REGISTRATION_OPTIONS,
  notes: ['The console shows this machine no longer; nothing of the agent changes.'],
  async run(given, io) {
    const plan = planOf(registrationOf(given), surroundings(), process.execPath);
    await takeBack(plan, given.all('browser').length === 0);
    if (given.json) io.out(JSON.stringify({ removed: plan.files.map(({ path }) => path) }));
    return EXIT.ok;
  },
};
