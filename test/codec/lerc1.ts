/**
 * A LERC1 blob ("CntZImage ", version 11) of float32 samples: a mask section, run lengths of a bit mask, and a value section
 * of one tile that is stored raw, valid samples only.
 */
export function encodeLerc1(values: Float32Array, valid: readonly boolean[], width: number): Uint8Array {
  const height = values.length / width;
  const mask = runLengths(valid);
  const kept = values.filter((_, i) => valid[i]);
  const header = Buffer.alloc(34);
  header.write('CntZImage ', 'latin1');
  header.writeInt32LE(11, 10);
  header.writeInt32LE(8, 14); // kind of image
  header.writeInt32LE(height, 18);
  header.writeInt32LE(width, 22);
  header.writeDoubleLE(0, 26); // largest error
  const raw = Buffer.concat([Buffer.of(0), Buffer.from(kept.buffer, kept.byteOffset, kept.byteLength)]);
  return new Uint8Array(Buffer.concat([header, section(0, mask, 1), mask, section(1, raw, Math.max(...kept)), raw]));
}

/** Tiles down and across (0 for a mask), bytes, largest value. */
function section(tiles: number, data: Buffer, largest: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(tiles, 0);
  bytes.writeInt32LE(tiles, 4);
  bytes.writeInt32LE(data.length, 8);
  bytes.writeFloatLE(largest, 12);
  return bytes;
}

/** Bits, most significant first, as one literal run: its length (int16 LE), the bytes, and the end mark -32768. */
function runLengths(valid: readonly boolean[]): Buffer {
  const bits = Buffer.alloc(Math.ceil(valid.length / 8));
  valid.forEach((is, i) => {
    if (is) bits[i >> 3]! |= 128 >> (i & 7);
  });
  const length = Buffer.alloc(2);
  length.writeInt16LE(bits.length);
  return Buffer.concat([length, bits, Buffer.of(0, 128)]);
}
