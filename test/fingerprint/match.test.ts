import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchComponents } from '@leasehold/fingerprint';

const all = { hardware_uuid: 'a', machine_id: 'b', disk_serial: 'c', mac: 'd' };

describe('matching (D-9)', () => {
  it.each([
    ['nothing changed', all, all, 'same', 1, []],
    ['a new network card', all, { ...all, mac: 'x' }, 'drift', 7 / 8, ['mac']],
    ['card and disk', all, { ...all, mac: 'x', disk_serial: 'x' }, 'drift', 5 / 8, ['disk_serial', 'mac']],
    ['card and board', all, { ...all, mac: 'x', hardware_uuid: 'x' }, 'different', 4 / 8, ['hardware_uuid', 'mac']],
    [
      'everything',
      all,
      { hardware_uuid: '1', machine_id: '2', disk_serial: '3', mac: '4' },
      'different',
      0,
      Object.keys(all),
    ],
    ['a part that cannot be read now', all, { hardware_uuid: 'a', machine_id: 'b' }, 'same', 1, []],
    ['parts that never met', { hardware_uuid: 'a' }, { machine_id: 'b' }, 'unknown', 0, []],
    ['too little to say', { machine_id: 'b', mac: 'd' }, { machine_id: 'b', mac: 'd' }, 'unknown', 1, []],
    ['just enough', { hardware_uuid: 'a', mac: 'd' }, { hardware_uuid: 'a', mac: 'd' }, 'same', 1, []],
    [
      'at the threshold',
      { hardware_uuid: 'a', disk_serial: 'c' },
      { hardware_uuid: 'a', disk_serial: 'x' },
      'drift',
      0.6,
      ['disk_serial'],
    ],
    ['parts without weight', { ...all, cpu: '1' }, { ...all, cpu: '2' }, 'same', 1, ['cpu']],
    ['nothing on either side', {}, {}, 'unknown', 0, []],
  ])('%s', (_name, before, now, verdict, similarity, changed) => {
    const match = matchComponents(before, now);
    expect(match.verdict).toBe(verdict);
    expect(match.similarity).toBeCloseTo(similarity);
    expect([...match.changed].sort()).toEqual([...changed].sort());
  });

  it('follows the threshold of the policy', () => {
    const now = { ...all, mac: 'x', disk_serial: 'x' };
    expect(matchComponents(all, now, 0.7).verdict).toBe('different');
  });

  it('is symmetric, and never calls two machines the same that share no weighted part', () => {
    const names = [
      'hardware_uuid',
      'machine_id',
      'disk_serial',
      'mac',
      'instance_id',
      'cpu',
      '__proto__',
      'constructor',
    ];
    const machine = fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2', '3'));
    fc.assert(
      fc.property(machine, machine, (one, two) => {
        const match = matchComponents(one, two);
        expect({ ...matchComponents(two, one), changed: [] }).toEqual({ ...match, changed: [] });
        expect(match.similarity).toBeGreaterThanOrEqual(0);
        expect(match.similarity).toBeLessThanOrEqual(1);
        const shared = names.filter((name) => Object.hasOwn(one, name) && one[name] === two[name]);
        if (match.verdict === 'same' || match.verdict === 'drift') expect(shared).not.toEqual([]);
      }),
    );
  });
});
