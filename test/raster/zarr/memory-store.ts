import { createMemorySources } from '../../../src/io/memory-source.js';
import type { SourceFactory } from '../../../src/io/byte-source.js';

/** Root of the stores that tests make. */
export const STORE = 'https://data.example/store.zarr';

type Content = Uint8Array | object;

/** A store in memory: keys below `STORE` and their bytes, or objects that become JSON. */
export function memoryStore(objects: Readonly<Record<string, Content>>): SourceFactory {
  const entries = Object.entries(objects).map(([key, content]): [string, Uint8Array] => {
    const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(JSON.stringify(content));
    return [`${STORE}/${key}`, bytes];
  });
  return createMemorySources(Object.fromEntries(entries));
}

export type ArrayOptions = {
  readonly shape: readonly number[];
  readonly dimensions?: readonly string[];
  readonly dtype?: string;
  readonly attributes?: object;
  readonly chunk?: readonly number[];
  readonly codecs?: readonly unknown[];
  readonly fill?: unknown;
};

/** Zarr v3 metadata of an uncompressed array. */
export function arrayV3({
  shape,
  dimensions,
  dtype = 'float64',
  attributes = {},
  chunk,
  codecs,
  fill = 0,
}: ArrayOptions): object {
  return {
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunk ?? shape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: fill,
    codecs: codecs ?? [{ name: 'bytes', configuration: { endian: 'little' } }],
    attributes,
    ...(dimensions === undefined ? {} : { dimension_names: dimensions }),
  };
}

/** Zarr v2 metadata of an uncompressed array. */
export function arrayV2({ shape, dtype = '<f8', chunk, fill = null }: ArrayOptions, more: object = {}): object {
  const plain = { zarr_format: 2, shape, chunks: chunk ?? shape, dtype, fill_value: fill, order: 'C' };
  return { ...plain, compressor: null, filters: null, ...more };
}

export function groupV3(attributes: object = {}, metadata?: object): object {
  const consolidated =
    metadata === undefined ? {} : { consolidated_metadata: { kind: 'inline', must_understand: false, metadata } };
  return { zarr_format: 3, node_type: 'group', attributes, ...consolidated };
}

/** A 1-D float64 coordinate of one chunk, as two objects. */
export function coordinateV3(
  name: string,
  values: readonly number[],
  attributes: object = {},
): Record<string, Content> {
  const metadata = arrayV3({ shape: [values.length], dimensions: [name], attributes });
  return { [`${name}/zarr.json`]: metadata, [`${name}/c/0`]: new Uint8Array(Float64Array.from(values).buffer) };
}

/** `count` values from `first` in steps of `step`. */
export function steps(first: number, step: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i * step);
}
