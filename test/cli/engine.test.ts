import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findEngine, type Engine } from '../../packages/cli/src/demo/engine.js';
import { differences, measure, writeDemoFolder } from '../../packages/cli/src/demo/folder.js';
import { runProcess } from '../../packages/cli/src/demo/run-process.js';

let folder: string;
const path = process.env['PATH'] ?? '';
const find = (name: string): string | undefined =>
  path
    .split(delimiter)
    .map((each) => join(each, name))
    .find((each) => existsSync(each));

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'leasehold-engine-'))));
afterEach(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

async function backup(engine: Engine, data: string): Promise<void> {
  await engine.prepare();
  const [program = '', ...args] = engine.backup();
  expect(await runProcess(program, args, data)).toMatchObject({ status: 0 });
  await engine.seal();
}

describe.each(['restic', 'tar'])('the backup engine %s of the main job', (name) => {
  it('brings every byte back, and names a difference', async (test) => {
    if (name === 'restic' && find('restic') === undefined) test.skip('restic is not installed');
    if (name === 'tar') {
      // A PATH without restic: the story must go on with what every system has.
      mkdirSync(join(folder, 'bin'));
      for (const tool of ['tar', 'sh']) symlinkSync(find(tool)!, join(folder, 'bin', tool));
      process.env['PATH'] = join(folder, 'bin');
    }
    const [data, restored] = [join(folder, 'data'), join(folder, 'restored')];
    await writeDemoFolder(data);
    const engine = await findEngine(join(folder, 'backups'));
    expect(engine.name).toContain(name);
    await backup(engine, data);
    await engine.restore(restored);
    expect(await differences(data, restored)).toEqual([]);
    expect(await measure(restored)).toEqual(await measure(data));

    writeFileSync(join(restored, 'empty.txt'), 'x');
    writeFileSync(join(restored, 'more.txt'), '');
    expect(await differences(data, restored)).toEqual(['empty.txt', 'more.txt']);
    if (name === 'tar') {
      appendFileSync(join(folder, 'backups/backup.tar'), 'x');
      await expect(engine.restore(join(folder, 'again'))).rejects.toThrow('the archive was changed');
    }
  });
});
