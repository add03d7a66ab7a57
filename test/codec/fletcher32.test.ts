import { describe, expect, it } from 'vitest';
import { decodeChunk } from '../../src/codec/decode-chunk.js';
import { fletcher32 } from '../../src/codec/fletcher32.js';

const ramp = (length: number) => Uint8Array.from({ length }, (_, i) => (i * i * 7 + i) % 256);

/** Of numcodecs 0.16.6, whose codec calls the function of HDF5. */
const KNOWN: readonly (readonly [bytes: Uint8Array, checksum: string])[] = [
  [ramp(2), '00080008'],
  [ramp(3), '1e101e08'],
  [ramp(20), '9a5d8ac6'],
  [ramp(719), '43589b33'],
  [ramp(720), '43ce9ba9'],
  [ramp(721), 'af786baa'],
  [ramp(5000), '52a73178'],
  [new Uint8Array(722).fill(0xff), 'ffffffff'],
  [new Uint8Array(10), '00000000'],
];

describe('fletcher32', () => {
  it('is that of HDF5', () => {
    const found = KNOWN.map(([bytes]) => fletcher32(bytes)[0].toString(16).padStart(8, '0'));
    expect(found).toEqual(KNOWN.map(([, checksum]) => checksum));
  });

  it('is verified and removed, also in the byte order of old files', () => {
    const samples = ramp(20);
    const stored = new Uint8Array(24);
    stored.set(samples);
    const layout = {
      dtype: 'uint8',
      shape: [20],
      codecs: [{ name: 'fletcher32' }, { name: 'bytes', endian: 'little' }],
    } as const;
    for (const checksum of fletcher32(samples)) {
      new DataView(stored.buffer).setUint32(20, checksum, true);
      expect(decodeChunk(layout, stored)).toEqual(samples);
    }
    stored[3]! ^= 1;
    expect(() => decodeChunk(layout, stored, { url: 'memory:a' })).toThrow(
      /memory:a.*fletcher32 of the data is .* expected/,
    );
    expect(() => decodeChunk(layout, stored.subarray(0, 3))).toThrow(/fletcher32 data of 3 bytes/);
  });
});
