import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { sampleBytes } from '../cube/writer/sample-bytes.js';
import { storedBytes, type DataType, type Samples } from '../grid/dtype.js';
import { writeError } from '../io/write-file.js';
import type { ArrayBlock } from './array-blocks.js';
import type { ArraySource, ArrayTarget } from './array-source.js';
import { elementCount, flatten, unflatten } from '../grid/flat-index.js';

const NUMPY_TYPES: Readonly<Record<DataType, string>> = {
  bool: '|b1',
  int8: '|i1',
  uint8: '|u1',
  int16: '<i2',
  uint16: '<u2',
  int32: '<i4',
  uint32: '<u4',
  int64: '<i8',
  uint64: '<u8',
  float16: '<f2',
  float32: '<f4',
  float64: '<f8',
};

/**
 * A NumPy .npy file (C order, little endian) that is written in boxes, in any order, so that an array of any size needs
 * little memory. Missing folders are made; the file appears under its name when it is whole. Problem: `io`.
 */
export async function createNpyFile(
  path: string,
  { dtype, shape }: Pick<ArraySource, 'dtype' | 'shape'>,
): Promise<ArrayTarget> {
  const header = npyHeader(dtype, shape);
  const length = header.byteLength + elementCount(shape) * storedBytes(dtype);
  const temporary = resolve(dirname(path), `.tmp-${process.pid}-${randomBytes(8).toString('hex')}.npy`);
  const guard = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      throw writeError(path, error);
    }
  };
  const file = await guard(() => mkdir(dirname(temporary), { recursive: true }).then(() => open(temporary, 'wx')));
  const discard = async () => {
    await file.close().catch(() => {});
    await rm(temporary, { force: true });
  };
  const place = { file, dtype, shape, dataStart: header.byteLength };
  try {
    await guard(async () => {
      await writeAll(file, header, 0);
      await file.truncate(length);
    });
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    step: null,
    write: (block, samples) => guard(() => writeRuns(place, block, samples)),
    finish: () => guard(() => file.close().then(() => rename(temporary, path))),
    discard,
  };
}

type Place = {
  readonly file: FileHandle;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly dataStart: number;
};

/** Dimensions that a box fills from end to end make its runs longer. */
async function writeRuns({ file, dtype, shape, dataStart }: Place, block: ArrayBlock, samples: Samples): Promise<void> {
  const bytes = sampleBytes(samples, dtype);
  let split = shape.length - 1;
  while (split > 0 && block.shape[split] === shape[split]) split--;
  const outer = block.shape.slice(0, Math.max(0, split));
  const runs = elementCount(outer);
  const length = bytes.byteLength / runs;
  for (let run = 0; run < runs; run++) {
    const within = unflatten(run, outer);
    const start = block.start.map((from, d) => from + (within[d] ?? 0));
    const position = dataStart + flatten(start, shape) * storedBytes(dtype);
    await writeAll(file, bytes.subarray(run * length, (run + 1) * length), position);
  }
}

/** One call of the system may write less than it is given. */
async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += (await file.write(bytes, done, bytes.byteLength - done, position + done)).bytesWritten;
  }
}

/** NEP 1: magic, version, length of the header, a Python dictionary, blanks so that data begins at a multiple of 64. */
function npyHeader(dtype: DataType, shape: readonly number[]): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${NUMPY_TYPES[dtype]}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length).fill(0x20);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[length - 1] = 0x0a;
  return bytes;
}
