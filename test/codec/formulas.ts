import { newSamples, type DataType, type Samples } from '../../src/grid/dtype.js';

/** Fill an array from a formula of the flat index, in exact integers; floats get eighths. */
function fill(dtype: DataType, shape: readonly number[], value: (index: number) => number): Samples {
  const count = shape.reduce((product, size) => product * size, 1);
  const samples = newSamples(dtype, count);
  const float = dtype.startsWith('float');
  for (let i = 0; i < count; i++) {
    const v = value(i);
    if (samples instanceof BigInt64Array || samples instanceof BigUint64Array) samples[i] = BigInt(v);
    else samples[i] = float ? v / 8 : v;
  }
  return samples;
}

/** Values that jump about, 0 to 1020 (0 to 119 where a sample has eight bits). */
export function wave(dtype: DataType, shape: readonly number[]): Samples {
  const narrow = dtype === 'uint8' || dtype === 'int8';
  return fill(dtype, shape, (i) => {
    const v = (i * 7 + Math.floor(i / 8) * 13 + (i % 5) * 11) % 1021;
    return narrow ? v % 120 : v;
  });
}

/** Long runs of equal values; integers only. */
export function terraces(dtype: DataType, shape: readonly number[]): Samples {
  return fill(dtype, shape, (i) => Math.floor(i / 48) * 5 + Math.floor((i % 48) / 40));
}

/** Pixels of three ramps: 10 x, 15 y, 6 (x + y), each modulo 256. */
export function ramps(width: number, height: number): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    pixels.set([x * 10, y * 15, (x + y) * 6], i * 3);
  }
  return pixels;
}
