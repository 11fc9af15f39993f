import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCsv, LeaseholdError, parseCsv } from '@leasehold/protocol';

const cells = (text: string): (readonly string[])[] => parseCsv(text).map((record) => record.cells);

describe('reading', () => {
  test.each([
    [
      'plain',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'without a last line end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'semicolons, as spreadsheets of many countries write',
      'a;b\n1,5;c',
      [
        ['a', 'b'],
        ['1,5', 'c'],
      ],
    ],
    ['a byte order mark', '\uFEFFa,b', [['a', 'b']]],
    ['quotes, commas and line ends in quotes', '"a ""b"", c\nd",e', [['a "b", c\nd', 'e']]],
    [
      'empty cells and empty lines',
      'a,\n\n,b\n',
      [
        ['a', ''],
        ['', 'b'],
      ],
    ],
    ['nothing', '', []],
  ])('%s', (_what, text, expected) => expect(cells(text)).toEqual(expected));

  test('records are told by the line on which they begin', () => {
    expect(parseCsv('a\n"b\nc"\n\nd').map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  test.each([
    ['an open quote', 'a\n"b', 'csv.line[2]'],
    ['letters after a quote', 'a\n"b"c', 'csv.line[2]'],
  ])('%s is told by its line', (_what, text, path) => {
    const thrown = (() => {
      try {
        return parseCsv(text);
      } catch (error) {
        return error;
      }
    })();
    expect(LeaseholdError.is(thrown) && [thrown.code, thrown.details.path]).toEqual(['INPUT_INVALID', path]);
  });
});

test('letters of another encoding are refused with their line, never taken over as something else', () => {
  const shiftJis = Buffer.concat([
    Buffer.from('id,type\nA1,server\n'),
    Buffer.from([0x93, 0x8c]),
    Buffer.from(',server\n'),
  ]);
  expect(() => parseCsv(shiftJis.toString('utf8'))).toThrow(/^Line 3 is not UTF-8/);
});

describe('writing', () => {
  test.each([['=1+1'], ['+1'], ['-1'], ['@SUM(A1)'], ['\tx'], ["'=1"]])('%j is no formula in a spreadsheet', (text) => {
    expect(formatCsv([text]).replaceAll('"', '')[0]).toBe("'");
    expect(cells(formatCsv([text, 'x']))).toEqual([[text, 'x']]);
  });

  test('numbers stay numbers, also below zero', () => expect(formatCsv([-1, true, null])).toBe('-1,true,\r\n'));

  test('whatever is written is read again', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', "'", ',', ';', '\n', '\r', '=', '-', ' ', 'é') });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
        // Spaces around a cell that needs no quotes are not kept, and the first line's separator is a comma here.
        const trimmed = rows.map((row) => row.map((text) => text.trim()));
        expect(cells(trimmed.map((row) => formatCsv(row)).join(''))).toEqual(trimmed);
      }),
    );
  });
});
