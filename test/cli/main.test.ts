import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../packages/cli/src/commands.js';
import { typed } from './typed.js';

describe('the leasehold command', () => {
  it('lists every command with its summary on --help', async () => {
    const { status, out } = await typed('--help');
    expect(status).toBe(0);
    for (const [name, { summary }] of Object.entries(COMMANDS)) {
      expect(out).toContain(name);
      expect(out).toContain(summary);
    }
  });

  it('shows the same page as an error when nothing was typed', async () => {
    const { status, out, err } = await typed();
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain('Usage: leasehold COMMAND');
  });

  it.each(Object.keys(COMMANDS))('%s has a help page with its own options', async (name) => {
    const { command } = await COMMANDS[name]!.load();
    const { status, out } = await typed(...name.split(' '), '--help');
    expect(status).toBe(0);
    expect(out).toContain(`Usage: leasehold ${name}`);
    expect(out).toContain('--json');
    for (const option of Object.keys(command.options ?? {})) expect(out).toContain(`--${option}`);
  });

  it.each([
    ['decdie', 'decide'],
    ['advice', 'advise'],
    ['keyset sing', 'keyset sign'],
    ['admin overveiw', 'admin overview'],
  ])('suggests the nearest command for %s', async (wrong, right) => {
    const { status, err } = await typed(...wrong.split(' '));
    expect(status).toBe(2);
    expect(err).toContain(`INPUT_INVALID: There is no command "${wrong}".`);
    expect(err).toContain(`Did you mean: leasehold ${right}`);
  });

  it('suggests nothing for what is near to nothing', async () => {
    expect((await typed('xyzzyplugh')).err).toContain('See: leasehold --help');
  });

  it.each(['admin pool quota', 'admin key quota', 'admin key create'])(
    '%s takes nothing away where nothing was typed',
    async (name) => {
      const { status, err } = await typed(
        ...name.split(' '),
        'ID',
        ...(name.endsWith('create') ? ['--name', 'x'] : []),
      );
      expect(status).toBe(2);
      expect(err).toContain('--quota KIND=N is missing');
    },
  );

  it.each([
    ['--limit', '-5', "use '--limit=-XYZ'"],
    ['--limti', '5', "Unknown option '--limti'."],
  ])('says on lines of its own what is wrong with %s %s', async (option, value, words) => {
    const { status, err } = await typed('admin', 'licenses', option, value);
    expect([status, err]).toEqual([2, expect.stringContaining(words)]);
    expect(err).not.toContain('u{a}');
    expect(err).not.toContain('..');
  });

  it('answers problems as one JSON object with --json', async () => {
    const { status, out } = await typed('decide', '--json');
    expect(status).toBe(2);
    expect(JSON.parse(out)).toEqual({
      error: {
        code: 'INPUT_INVALID',
        message: 'FILE is missing.',
        path: 'arguments',
        remedy: 'See: leasehold decide --help',
      },
    });
  });

  it('takes no kind of a quota twice: of two numbers only one could count', async () => {
    const { status, err } = await typed('admin', 'pool', 'quota', 'ID', '--quota', 'obm=1', '--quota', 'obm=2');
    expect([status, err]).toEqual([2, expect.stringContaining('--quota names obm twice')]);
  });

  it.each(['', '.', '..'])('looks for nothing by the id %j, which no address holds', async (id) => {
    const { status, err } = await typed('admin', 'machine', 'show', id);
    expect([status, err]).toEqual([2, expect.stringContaining(`MACHINE is no id: "${id}"`)]);
  });

  it.each([
    [['decide', 'a', 'b'], '"b" is one argument too many'],
    [['decide', 'a', '--loud'], "Unknown option '--loud'"],
  ])('refuses %j', async (words, message) => {
    const { status, err } = await typed(...words);
    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});
