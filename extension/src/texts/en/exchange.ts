import type { Causes } from '../../components/problem.js';

/** Machines without a network: a request file comes in, a response file goes back. */
export const exchange = {
  lead: 'A machine without a network writes a request file. Bring it here, and take the response file back to it.',
  stepRequest: 'On the machine',
  stepRequestCommand: 'leasehold request --out ask.txt',
  stepRequestBody:
    'This writes what it would ask for, sealed by its own key, and hands its usage in. With --key LH-… it asks for a seat, with --deactivate it gives its seat back.',
  stepImport: 'Back on the machine',
  stepImportCommand: 'leasehold import answer.txt',
  stepImportBody: 'This takes the answer. It fits this machine and this request only.',
  request: 'Request file',
  requestHint: 'Choose the file, or paste what is in it.',
  choose: 'Choose a file…',
  days: 'Lease, in days',
  daysHint: 'How long the machine may stay offline: 1 to 400, 90 by default.',
  tooLarge: 'This file is too large for a request.',
  look: 'Look at it',
  calls: { activate: 'Activation', checkIn: 'Check-in', deactivate: 'Giving its seat back' },
  what: 'It asks for',
  machine: 'Machine',
  newMachine: 'not known yet',
  brings: 'It hands in',
  usage: (n: number) => `${n} usage ${n === 1 ? 'record' : 'records'}`,
  until: 'Lease until',
  answer: 'Answer and take the response',
  again: 'Another request',
  done: 'The response file was saved',
  doneBody:
    'Carry it back to the machine. Each request is answered once; if the file is lost, a new request gets the same lease.',
  save: 'Save it again',
  causes: {
    TOKEN_MALFORMED: [
      'This is not a whole request file',
      'Take all of what the machine wrote, from its first line to its last. A response file goes back to the machine instead.',
    ],
    TOKEN_KIND: ['This is not a request file', 'Make one on the machine, with the command above.'],
    TOKEN_SIGNATURE: [
      'The file was changed after the machine had sealed it',
      'Carry it over once more, or make a new request.',
    ],
    TOKEN_FOREIGN: ['The request is for another product', 'Take it to the authority of that product.'],
    EXCHANGE_USED: [
      'This request was answered before',
      'Use the response that it got. If that is lost, make a new request on the machine: it gets the same lease.',
    ],
    INPUT_INVALID: [
      'This authority does not understand the request',
      'Make it anew with a version of the product that this authority knows.',
    ],
    LICENSE_KEY_UNKNOWN: [
      'This authority does not know the license key in the request',
      'It may be of another authority. Make a new request with a key of this one.',
    ],
    LICENSE_REVOKED: ['The license in the request was revoked', 'Make a new request with another license key.'],
    INSTANCE_UNKNOWN: [
      'This authority does not know the machine',
      'It may be of another authority. Else activate it here: make a new request with its license key.',
    ],
    FORBIDDEN: [
      'The machine was activated anew since, or its state was copied',
      'Make a new request on the machine with its license key.',
    ],
    NOT_ACTIVATED: [
      'The machine has given its seat back',
      'To license it again, make a new request with its license key.',
    ],
  } as Causes,
};
