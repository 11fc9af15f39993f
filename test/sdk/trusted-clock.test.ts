import { execFileSync, spawnSync } from 'node:child_process';
import { uptime } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  TrustedClock,
  judgeClock,
  learnSignedTime,
  raiseClock,
  readClockMark,
  systemClock,
} from '../../packages/sdk/src/lease/trusted-clock.js';
import type { ClockMark, Reading } from '../../packages/sdk/src/lease/trusted-clock.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;
const START = Date.UTC(2026, 5, 15, 10);

/** A machine whose real time, clock error and boots the test drives; nothing sleeps. */
class Machine {
  real = START;
  error = 0;
  boot = 1;
  bootedAt = START - HOUR;
  clock: TrustedClock = this.fresh();
  readings = 0;

  fresh(mark?: ClockMark): TrustedClock {
    const read = (): Reading => {
      this.readings += 1;
      return this.reading();
    };
    return new TrustedClock({ wall: () => this.reading().wall, read }, mark);
  }
  reading(): Reading {
    return { wall: this.real + this.error, uptime: this.real - this.bootedAt, bootId: `boot-${this.boot}` };
  }
  pass(ms: number): this {
    this.real += ms;
    return this;
  }
  /** Off for `ms`; the process starts again from the mark on disk. */
  reboot(off: number): this {
    this.real += off;
    this.bootedAt = this.real - MINUTE;
    this.boot += 1;
    return this.restart();
  }
  restart(): this {
    const mark = readClockMark(JSON.parse(JSON.stringify(this.clock.mark)));
    this.clock = this.fresh(mark);
    return this;
  }
  contact(): this {
    this.clock.learn(this.real);
    return this;
  }
  /** The verdict, and how far the time decided by is from the real one. */
  look(): [string, number] {
    const { verdict, now } = this.clock.read();
    return [verdict, now - this.real];
  }
}
const started = (): Machine => {
  const machine = new Machine();
  machine.clock.read();
  return machine.contact();
};

describe('trusted clock: a right clock', () => {
  it('is ok through running, suspend, restarts and slewing', () => {
    const machine = started();
    expect(machine.look()).toEqual(['ok', 0]);
    expect(machine.pass(30 * DAY).look()).toEqual(['ok', 0]);
    machine.error = 4 * MINUTE;
    expect(machine.pass(DAY).look()).toEqual(['ok', 4 * MINUTE]);
    machine.error = 0;
    expect(machine.pass(DAY).look()[0]).toBe('ok');
    expect(machine.reboot(10 * MINUTE).look()[0]).toBe('ok');
    expect(machine.pass(DAY).contact().look()).toEqual(['ok', 0]);
  });

  it('decides by the clock after any time off, and trusts it after a contact', () => {
    const machine = started().reboot(9 * DAY);
    expect(machine.look()).toEqual(['ahead', 0]);
    expect(machine.contact().look()).toEqual(['ok', 0]);
  });
});

describe('trusted clock: asked at each decision', () => {
  it('looks at the uptime once a second at most, and at once when the wall time jumps', () => {
    const machine = started();
    machine.look();
    const before = machine.readings;
    for (let n = 0; n < 999; n += 1) expect(machine.pass(1).look()).toEqual(['ok', 0]);
    expect(machine.readings).toBe(before);
    machine.error = -HOUR;
    expect(machine.pass(1).look()).toEqual(['rolled_back', 0]);
    expect(machine.readings).toBe(before + 1);
  });
});

describe('trusted clock: set back', () => {
  it('decides by the time that passed: an hour back is behind, a year back is rolled back', () => {
    const machine = started().pass(2 * DAY);
    expect(machine.look()).toEqual(['ok', 0]);
    machine.error = -HOUR;
    expect(machine.look()).toEqual(['behind', 0]);
    machine.error = -YEAR;
    expect(machine.look()).toEqual(['rolled_back', 0]);
    expect(machine.pass(DAY).look()).toEqual(['rolled_back', 0]);
    machine.error = 0;
    expect(machine.look()).toEqual(['ok', 0]);
  });

  it('never goes below the mark over restarts of process and machine, and counts the uptime on', () => {
    const machine = started().pass(3 * DAY);
    machine.clock.read();
    machine.error = -YEAR;
    machine.reboot(HOUR);
    const [verdict, off] = machine.look();
    expect(verdict).toBe('rolled_back');
    expect(off).toBe(-HOUR + MINUTE - MINUTE + MINUTE);
    expect(
      machine
        .pass(5 * DAY)
        .restart()
        .look(),
    ).toEqual(['rolled_back', off]);
  });

  it('gains nothing by steps just inside the slack', () => {
    const machine = started();
    for (let n = 0; n < 100; n += 1) {
      machine.pass(MINUTE);
      machine.error -= 4 * MINUTE;
      expect(machine.look()[1]).toBeGreaterThanOrEqual(0);
    }
    expect(machine.look()[0]).toBe('rolled_back');
  });

  it('is rolled back before a signed time, by however little', () => {
    const machine = started();
    machine.error = -6 * MINUTE;
    expect(machine.look()).toEqual(['rolled_back', 0]);
  });
});

describe('trusted clock: set forward', () => {
  it('decides now and leaves the mark: set back again, nothing is lost', () => {
    const machine = started();
    machine.error = 10 * YEAR;
    expect(machine.look()).toEqual(['ahead', 10 * YEAR]);
    expect(machine.pass(23 * HOUR).look()).toEqual(['ahead', 10 * YEAR]);
    machine.error = 0;
    expect(machine.look()).toEqual(['ok', 0]);
  });

  it('enters the mark after 24 h at it, counted over restarts and reboots', () => {
    const machine = started();
    machine.error = 2 * DAY;
    machine.look();
    expect(machine.pass(12 * HOUR).look()[0]).toBe('ahead');
    expect(
      machine
        .restart()
        .pass(11 * HOUR)
        .look()[0],
    ).toBe('ahead');
    expect(machine.reboot(MINUTE).pass(HOUR).look()[0]).toBe('ok');
    machine.error = 0;
    expect(machine.look()).toEqual(['rolled_back', 2 * DAY]);
    expect(machine.contact().look()).toEqual(['ok', 0]);
  });

  it('counts anew when the clock jumps on while it waits', () => {
    const machine = started();
    for (let n = 1; n <= 5; n += 1) {
      machine.error = n * YEAR;
      expect(machine.pass(20 * HOUR).look()[0]).toBe('ahead');
    }
  });

  it('is healed by a contact: the time is right while the clock is still wrong, also after a reboot', () => {
    const machine = started();
    machine.error = 10 * YEAR;
    expect(machine.pass(3 * DAY).look()[0]).toBe('ahead');
    machine.contact();
    expect(machine.look()).toEqual(['ahead', 0]);
    expect(machine.pass(9 * DAY).look()).toEqual(['ahead', 0]);
    expect(machine.reboot(HOUR).look()).toEqual(['ahead', 0]);
    machine.error = 0;
    expect(machine.look()[0]).toBe('ok');
  });
});

describe('trusted clock: wrong at a contact', () => {
  it.each([-DAY, -YEAR, 10 * YEAR, 10 * MINUTE])('off by %d ms: right time, and a verdict that says so', (error) => {
    const machine = new Machine();
    machine.error = error;
    machine.clock.read();
    machine.contact();
    expect(machine.pass(DAY).look()).toEqual([error > 0 ? 'ahead' : 'behind', 0]);
    machine.error = 0;
    expect(machine.look()).toEqual(['ok', 0]);
  });

  it('lowers a mark that had followed a wrong clock', () => {
    const machine = new Machine();
    machine.error = 10 * YEAR;
    expect(machine.look()).toEqual(['ok', 10 * YEAR]);
    machine.error = 0;
    expect(machine.look()).toEqual(['rolled_back', 10 * YEAR]);
    expect(machine.contact().look()).toEqual(['ok', 0]);
  });
});

describe('trusted clock: the mark', () => {
  it('is not earlier than any verified token, also when the mark was deleted', () => {
    const reading = { wall: START - YEAR, uptime: HOUR, bootId: 'b' };
    const raised = raiseClock(undefined, reading, START);
    expect(judgeClock(raised, reading)).toMatchObject({ now: START, verdict: 'rolled_back' });
    const ahead = raiseClock(learnSignedTime({ ...reading, wall: START }, START), reading, START - DAY);
    expect(ahead.wall).toBe(START);
    expect(ahead.signed).toBe(START);
  });

  it('counts nothing twice when a memory snapshot is put back: same boot, less uptime', () => {
    const mark = learnSignedTime({ wall: START, uptime: 10 * DAY, bootId: 'b' }, START);
    expect(judgeClock(mark, { wall: START, uptime: 2 * DAY, bootId: 'b' })).toMatchObject({
      now: START,
      verdict: 'ok',
    });
  });

  it.each([
    null,
    undefined,
    7,
    'text',
    [],
    {},
    { wall: START, uptime: 1, bootId: 'b' },
    { wall: 'x', uptime: 1, bootId: 'b', signed: null, skew: 0, jump: null },
    { wall: START, uptime: 1, bootId: 'b', signed: null, skew: 0, jump: {} },
    { wall: START, uptime: 1, bootId: 'b', signed: 'x', skew: 0, jump: null },
    { wall: START, uptime: 1, bootId: 2, signed: null, skew: 0, jump: null },
  ])('is not read from %j', (value) => {
    expect(readClockMark(value)).toBeUndefined();
  });

  it('never decides by a time before the mark, for any clock, reboot and restart', () => {
    const step = fc.record({
      pass: fc.integer({ min: 0, max: 3 * DAY }),
      error: fc.integer({ min: -2 * YEAR, max: 2 * YEAR }),
      reboot: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const machine = started();
        for (const { pass, error, reboot } of steps) {
          machine.pass(pass).error = error;
          const before = machine.clock.mark as ClockMark;
          if (reboot) machine.reboot(pass);
          const { now, mark } = machine.clock.read();
          expect(now).toBeGreaterThanOrEqual(before.wall);
          expect(mark.wall).toBeGreaterThanOrEqual(before.wall);
          expect(readClockMark(JSON.parse(JSON.stringify(mark)))).toEqual(mark);
        }
        expect(Math.abs(machine.contact().look()[1])).toBeLessThanOrEqual(5 * MINUTE);
      }),
    );
  });
});

describe('trusted clock: this machine', () => {
  it('reads the real clock and uptime', () => {
    const { wall, uptime: up, bootId } = systemClock('b').read();
    expect(Math.abs(wall - Date.now())).toBeLessThan(5000);
    expect(Math.abs(up - uptime() * 1000)).toBeLessThan(5000);
    expect(bootId).toBe('b');
  });

  const faketime = spawnSync('faketime', ['--version']).error === undefined;
  it.skipIf(!faketime)('the uptime of a process under a faked clock stays the real one (needs faketime)', () => {
    const script = 'console.log(JSON.stringify([Date.now(), require("node:os").uptime() * 1000]))';
    const mark = learnSignedTime(systemClock('b').read(), Date.now());
    const fake = { ...process.env, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const out = execFileSync('faketime', ['-f', '-30d', process.execPath, '-e', script], {
      env: fake,
      encoding: 'utf8',
    });
    const [wall, up] = JSON.parse(out) as [number, number];
    const answer = judgeClock(mark, { wall, uptime: Math.round(up), bootId: 'b' });
    expect(answer.verdict).toBe('rolled_back');
    expect(Math.abs(answer.now - Date.now())).toBeLessThan(60_000);
  });
});
