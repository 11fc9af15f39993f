import { advise } from '@leasehold/terms';
import type { Command } from '../command.js';
import { answerCases, CASES_NOTES, CASES_OPTIONS } from '../cases.js';

export const command: Command = {
  args: ['FILE'],
  options: CASES_OPTIONS,
  notes: [
    ...CASES_NOTES,
    'Adds "plan": the steps in order, with the licenses to buy, move or assign, each with its rule. Nothing is changed.',
  ],
  run: (given, io) =>
    answerCases(given, io, ({ facts, request }, catalog) => {
      const { before, steps, possible, licenses, price, after } = advise(facts, request, catalog);
      return { decision: before, more: { plan: steps, possible, licenses, price, after } };
    }),
};
