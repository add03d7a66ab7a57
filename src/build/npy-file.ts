import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { CubeError } from '../errors.js';
import { storedBytes, type DataType, type Samples } from '../grid/dtype.js';
import { sampleBytes } from '../cube/writer/sample-bytes.js';

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
 * A NumPy .npy file (format 1.0, C order, little endian) that is written in pieces, in any order, so that an array of
 * any size needs little memory. It appears under its name when it is complete.
 */
export class NpyFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: FileHandle;
  readonly #dtype: DataType;
  readonly #dataStart: number;

  private constructor(path: string, temporary: string, file: FileHandle, dtype: DataType, dataStart: number) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
    this.#dtype = dtype;
    this.#dataStart = dataStart;
  }

  static async create(path: string, dtype: DataType, shape: readonly number[]): Promise<NpyFile> {
    const header = npyHeader(dtype, shape);
    const temporary = `${path}.${process.pid}.tmp`;
    const file = await open(temporary, 'w').catch((error: NodeJS.ErrnoException) => {
      throw ioError(path, error);
    });
    const npy = new NpyFile(path, temporary, file, dtype, header.byteLength);
    const samples = shape.reduce((product, size) => product * size, 1);
    await npy.#guard(async () => {
      await file.write(header, 0, header.byteLength, 0);
      await file.truncate(header.byteLength + samples * storedBytes(dtype));
    });
    return npy;
  }

  /** Write samples that follow one another from the `index`-th on. */
  async write(index: number, samples: Samples): Promise<void> {
    const bytes = sampleBytes(samples, this.#dtype);
    const position = this.#dataStart + index * storedBytes(this.#dtype);
    await this.#guard(() => this.#file.write(bytes, 0, bytes.byteLength, position));
  }

  async finish(): Promise<void> {
    await this.#guard(async () => {
      await this.#file.close();
      await rename(this.#temporary, this.#path);
    });
  }

  /** Leave nothing behind. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#temporary, { force: true });
  }

  async #guard(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw ioError(this.#path, error as NodeJS.ErrnoException);
    }
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

function ioError(path: string, error: NodeJS.ErrnoException): CubeError {
  const what = error.code === 'ENOSPC' ? 'the disk is full' : 'the file cannot be written';
  return new CubeError({ kind: 'io', path, code: error.code ?? 'EIO', what }, { cause: error });
}
