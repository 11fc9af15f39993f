import type { Flow } from './flow.js';

const MONTH = { month: { what: 'The month (the current one)', value: 'YYYY-MM' } } as const;

/** The flows beside the console's views. */
export const OPERATION_FLOWS: Readonly<Record<string, Flow>> = {
  'usage statements': { summary: 'Usage of a month by company', route: 'statements', options: MONTH },
  'usage statement': {
    summary: 'Signed statement of a company, a file for `leasehold statement verify`',
    route: 'statement',
    options: { ...MONTH, company: { what: 'The company (machines of none)', value: 'ID' } },
  },
};
