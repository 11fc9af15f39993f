import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LeaseholdError, ROUTES, type RouteRow } from '@leasehold/protocol';
import { FLOWS } from '../../packages/cli/src/admin/flows.js';
import { COMMANDS } from '../../packages/cli/src/commands.js';
import { sayProblem } from '../../packages/cli/src/say-problem.js';
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
    ['authority', 'create', '--db', '', '--account', 'a', '--name', 'A', '--product', 'p', '--root', 'r.json'],
    ['account', 'create', '--db', 'sqlite:none.db', '--account', 'a', '--name', 'A', '--product', ''],
  ])('a value that came out empty is missing: %s %s', async (...words) => {
    const { status, err } = await typed(...words);
    const option = words[words.indexOf('') - 1]!;
    expect([status, err]).toEqual([2, expect.stringMatching(new RegExp(`INPUT_INVALID: ${option} \\w+ is missing`))]);
    expect(existsSync('none.db')).toBe(false);
  });

  it.each(Object.entries(FLOWS).filter(([, { route }]) => ROUTES[route].method === 'GET'))(
    'admin %s offers what its call takes, and nothing that would be passed over',
    (_words, { route, options = {} }) => {
      const { query = [], sort }: RouteRow = ROUTES[route];
      expect([...query, ...(sort === undefined ? [] : ['sort'])]).toEqual(expect.arrayContaining(Object.keys(options)));
    },
  );

  it('passes over nothing that stands behind --', async () => {
    const { err } = await typed('decide', '--', '-not-there.json');
    expect(err).toContain('-not-there.json is not there');
    expect((await typed('admin', 'license', 'export', '--', '--company', 'east')).err).toContain(
      '"--company" is one argument too many',
    );
  });

  it('tells its release', async () => {
    const { version } = JSON.parse(
      readFileSync(new URL('../../packages/cli/package.json', import.meta.url), 'utf8'),
    ) as {
      version: string;
    };
    expect(await typed('--version')).toEqual({ status: 0, out: `leasehold ${version}`, err: '' });
    expect(JSON.parse((await typed('--version', '--json')).out)).toEqual({ version });
  });

  it.each([[['decide']], [['keyset', 'sign']], [['keyset']], [['admin', 'media', 'stamp']], [[]], [['help']]])(
    'help %j is %j --help',
    async (words) => {
      const asked = await typed('help', ...words);
      expect(asked).toEqual(await typed(...words, '--help'));
      expect([asked.status, asked.out]).toEqual([0, expect.stringContaining('Usage:')]);
    },
  );

  it('helps with no command that there is not', async () => {
    expect(await typed('help', 'decdie')).toMatchObject({
      status: 2,
      err: expect.stringContaining('leasehold decide'),
    });
  });

  it.each([
    [['--json'], 'No command was named.', 'See: leasehold --help'],
    [['keyset', '--json'], '"keyset" is not a whole command.', 'See: leasehold keyset --help'],
    [['--json', 'status'], 'No command was named.', 'See: leasehold --help'],
  ])('%j is a problem as JSON', async (words, message, remedy) => {
    const { status, out, err } = await typed(...words);
    expect({ status, err, out: JSON.parse(out) as object }).toEqual({
      status: 2,
      err: '',
      out: { error: { code: 'INPUT_INVALID', message, path: 'command', remedy } },
    });
  });

  it('names an option that stands before every command', async () => {
    const { status, err } = await typed('--config', 'agent.json', 'status');
    expect([status, err]).toEqual([2, expect.stringContaining('INPUT_INVALID: --config stands before a command.')]);
  });

  it('says of a failure of ours what it came from', async () => {
    const cause = new Error('no such table: accounts\nat statement 1');
    const said: string[] = [];
    const io = { out: (line: string) => void said.push(line), err: (line: string) => void said.push(line) };
    const thrown = new LeaseholdError('INTERNAL', 'The store failed.', { cause });
    expect(sayProblem(thrown, false, io)).toBe(1);
    expect(said).toEqual([
      'INTERNAL: The store failed.',
      '  no such table: accounts',
      expect.stringContaining('report'),
    ]);
    said.length = 0;
    // From the storage worker it comes as text.
    sayProblem(new LeaseholdError('INTERNAL', 'The store failed.', { cause: cause.stack }), true, io);
    expect(JSON.parse(said.join(''))).toMatchObject({
      error: { code: 'INTERNAL', cause: expect.stringContaining('no such table: accounts') },
    });
    said.length = 0;
    sayProblem(new TypeError('x is undefined'), false, io);
    expect(said).toEqual(['INTERNAL: x is undefined', expect.stringContaining('report')]);
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
