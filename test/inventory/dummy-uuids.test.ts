import { describe, expect, test } from 'vitest';
import { serial } from '../../packages/fingerprint/src/probes/reading.js';
import { guestName, readUuid } from '../../packages/inventory/src/model.js';

// What boards and emulators in the field say of themselves where their maker filled nothing in, from public reports.
const NOBODYS = [
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  'FEFEFEFE-FEFE-FEFE-FEFE-FEFEFEFEFEFE',
  '10101010-1010-1010-1010-101010101010',
  'FFFFFF00-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  '03000200-0400-0500-0006-000700080009',
  '00020003-0004-0005-0006-000700080009',
  '12345678-1234-5678-90AB-CDDEEFAABBCC',
  '78563412-3412-7856-90AB-CDDEEFAABBCC',
  '00010203-0405-0607-0809-0A0B0C0D0E0F',
  '03020100-0504-0706-0809-0A0B0C0D0E0F',
  '4C4C4544-0000-2010-8020-80C04F202020',
  '4C4C4544-0020-2010-8020-A0C04F202020',
];
const OWN = [
  '4c4c4544-0042-3510-8051-b4c04f4e5232',
  '0a0b0c0d-1111-4222-8333-000000000001',
  '12345678-1234-5678-90ab-cddeefaabbcd',
];

describe('a UUID that many machines have is none', () => {
  test.each(NOBODYS)('%s, to an agent and to who asks from outside', (uuid) => {
    expect(serial({ state: 'value', raw: uuid })).toEqual({ state: 'absent' });
    expect(readUuid(`{${uuid}}`)).toBeUndefined();
    expect(guestName(uuid, 'vc', 'vm-1')).toBe('vc/vm-1');
  });

  test.each(OWN)('%s is one', (uuid) => {
    expect(serial({ state: 'value', raw: uuid })).toEqual({ state: 'value', raw: uuid });
    expect(readUuid(uuid.toUpperCase())).toBe(uuid);
    expect(guestName(uuid, 'vc', 'vm-1')).toBe(uuid);
  });

  test.each(['To be filled by O.E.M.', 'Default string', 'Type2 - Board Serial Number', 'MB-1234567890', 'None'])(
    'nor is `%s` a serial number',
    (raw) => expect(serial({ state: 'value', raw })).toEqual({ state: 'absent' }),
  );
});
