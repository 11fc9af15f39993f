import { renderUnicodeCompact } from 'uqr';
import { readExchange } from '@leasehold/protocol';
import { CONFIG_OPTION } from '../agent/config.js';
import { asFailure, withLicense } from '../agent/open.js';
import { EXIT, type Command } from '../command.js';
import { FROM_INPUT, orFromInput } from '../from-input.js';
import { writeWholeFile } from '../write-file.js';

/** What a camera still reads well from a screen, bytes. */
const QR_BYTES = 1024;

export const command: Command = {
  options: {
    ...CONFIG_OPTION,
    key: { what: `Ask for a seat by this license key (${FROM_INPUT})`, value: 'KEY' },
    deactivate: { what: 'Give the seat back' },
    out: { what: 'Write the file there (otherwise it is printed)', value: 'FILE' },
    qr: { what: 'Show it as a QR code too, where it fits into 1 kB' },
  },
  notes: [
    'For a machine without a network. Without --key or --deactivate it asks for a renewal; usage goes along. Hand the file',
    'in (`leasehold admin exchange FILE`) and bring the answer back: `leasehold import FILE`. Not for pool keys.',
  ],
  run: async (given, io) =>
    withLicense(
      given,
      async (license) => {
        const purpose = given.has('deactivate') ? 'deactivate' : given.has('key') ? 'activate' : 'renew';
        const made = await license.requestFile(purpose);
        if (!made.ok) throw asFailure(made.problem);
        const out = given.get('out');
        if (out !== undefined) await writeWholeFile(out, made.file, 0o600);
        if (given.json) io.out(JSON.stringify(out === undefined ? { purpose, file: made.file } : { purpose, out }));
        else io.out(out === undefined ? made.file.trimEnd() : `Request written to ${out}.`);
        if (given.has('qr')) showCode(readExchange('REQUEST', made.file), io.err);
        return EXIT.ok;
      },
      given.has('key') ? { key: await orFromInput(given.get('key') ?? '', '--key') } : undefined,
    ),
};

/** Shows the bare content: a code has no first and last line. */
function showCode(content: string, say: (line: string) => void): void {
  if (Buffer.byteLength(content) > QR_BYTES) {
    say(`It has ${Buffer.byteLength(content)} bytes, which no QR code carries well; use the file.`);
    return;
  }
  for (const line of renderUnicodeCompact(content).split('\n')) say(line);
}
