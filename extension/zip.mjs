// Packs files into one zip, the same bytes for the same files: what the stores of both browsers take.
import { crc32, deflateRawSync } from 'node:zlib';

/** 1 January 1980, the first day that the format knows: when something was built is no part of it. */
const DAY = (1 << 5) | 1;
const UTF8 = 0x0800;
const DEFLATED = 8;

/** @returns the zip of `[{path, contents}]`, in the order of their paths */
export function zipOf(files) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { path, contents } of files.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const packed = deflateRawSync(contents, { level: 9 });
    const fields = fieldsOf(Buffer.from(path), contents, packed);
    directory.push(entry(fields, at));
    const local = Buffer.concat([header(fields), fields.name, packed]);
    parts.push(local);
    at += local.length;
  }
  const index = Buffer.concat(directory);
  return Buffer.concat([...parts, index, end(files.length, index.length, at)]);
}

function fieldsOf(name, contents, packed) {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(UTF8, 2);
  common.writeUInt16LE(DEFLATED, 4);
  common.writeUInt16LE(DAY, 8);
  common.writeUInt32LE(crc32(contents), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(contents.length, 18);
  common.writeUInt16LE(name.length, 22);
  return { name, common };
}

function header({ common }) {
  return Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common]);
}

function entry({ name, common }, at) {
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(at, 10);
  return Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, name]);
}

function end(count, size, at) {
  const record = Buffer.alloc(22);
  record.write('PK\x05\x06', 'latin1');
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(at, 16);
  return record;
}
