import { CONFIG_OPTION } from '../agent/config.js';
import { EXIT, type Command } from '../command.js';
import { surroundings } from '../native-host/places.js';
import { carryOut, planOf, REGISTRATION_OPTIONS, registrationOf } from '../native-host/registration.js';

export const command: Command = {
  options: { ...REGISTRATION_OPTIONS, ...CONFIG_OPTION, print: { what: 'Only say what would be written' } },
  notes: ['Lets the console show this machine: its lease, how long it may stay offline, its last check-in.'],
  async run(given, io) {
    const plan = planOf(registrationOf(given), surroundings(), process.execPath);
    if (!given.has('print')) await carryOut(plan);
    if (given.json) io.out(JSON.stringify(plan));
    else {
      for (const { path } of plan.files) io.out(path);
      for (const { key, value } of plan.registry) io.out(`${key} = ${value}`);
    }
    return EXIT.ok;
  },
};
