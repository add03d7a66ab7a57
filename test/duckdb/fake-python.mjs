#!/usr/bin/env node
// Stands for `python -m pip download … --dest DIR NAME==VERSION`: writes a wheel that holds the file named by FAKE_WHEEL
// ("stored", or "damaged": one byte of the extension flipped; "empty": a wheel without it). Without FAKE_WHEEL it fails.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

const { FAKE_WHEEL, FAKE_EXTENSION } = process.env;
if (FAKE_WHEEL === undefined) {
  process.stderr.write('ERROR: Could not find a version at https://user:word@index.example/simple');
  process.exit(1);
}
const args = process.argv.slice(2);
const [requirement] = args.slice(-1);
const [name, version] = requirement.replace('duckdb-extension-', '').replaceAll('-', '_').split('==');
const member = `duckdb_extension_${name}/extensions/v${version}/${name}.duckdb_extension`;
const content = readFileSync(FAKE_EXTENSION);
if (FAKE_WHEEL === 'damaged') content[content.length >> 1] ^= 1;

const folder = args[args.indexOf('--dest') + 1];
mkdirSync(folder, { recursive: true });
const entries = [entry('other/RECORD', Buffer.from('text '.repeat(100)), 8)];
if (FAKE_WHEEL !== 'empty') entries.push(entry(member, content, 0));
writeFileSync(join(folder, `duckdb_extension_${name}-${version}-py3-none-any.whl`), zip(entries));

function entry(path, bytes, method) {
  return {
    path: Buffer.from(path),
    crc: crc32(bytes),
    size: bytes.length,
    method,
    body: method === 8 ? deflateRawSync(bytes) : bytes,
  };
}

function zip(list) {
  const parts = [];
  const directory = [];
  let at = 0;
  for (const { path, crc, size, method, body } of list) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(crc, 10);
    fields.writeUInt32LE(body.length, 14);
    fields.writeUInt32LE(size, 18);
    fields.writeUInt16LE(path.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, path);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), fields, path, body);
    at += 30 + path.length + body.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(list.length, 8);
  end.writeUInt16LE(list.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}
