import { CONFIG_OPTION } from '../agent/config.js';
import { EXIT, type Command } from '../command.js';
import { answerConsole } from '../native-host/answer.js';
import { frame, questions } from '../native-host/frames.js';

export const command: Command = {
  options: CONFIG_OPTION,
  notes: ['Browsers start it, by the file that `native-host install` wrote. It ends with the page that asked.'],
  async run(given) {
    for await (const question of questions(process.stdin)) {
      process.stdout.write(frame(await answerConsole(question, given)));
    }
    return EXIT.ok;
  },
};
