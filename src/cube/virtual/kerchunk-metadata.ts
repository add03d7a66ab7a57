import { pathOfUrl, isLocal } from '../../io/location.js';
import type { Json } from '../../stac/item.js';
import type { ReferencedFile } from '../../raster/chunk-ref.js';
import { numpyName } from '../../raster/zarr/array-type.js';
import type { JsonObject } from '../../raster/zarr/json.js';
import { joinPath } from '../../raster/zarr/node-url.js';
import { fillJson } from '../writer/array-json.js';
import { sampleBytes } from '../writer/sample-bytes.js';
import type { Attributes, CoordinateLayout } from '../writer/layout.js';
import type { VirtualArray, VirtualGroup, VirtualStore } from './virtual-store.js';

/** A Zarr v2 metadata document of a store, by key. */
export type Document = { readonly key: string; readonly json: { readonly [name: string]: Json } };

/** The Zarr v2 documents of a dataset of references: `.zgroup`, `.zattrs`, `.zarray`. Pure. */
export function kerchunkDocuments({ groups }: Pick<VirtualStore, 'groups'>): Document[] {
  return groups.flatMap((group) => [
    { key: joinPath(group.path, '.zgroup'), json: { zarr_format: 2 } },
    { key: joinPath(group.path, '.zattrs'), json: group.attributes },
    ...group.arrays.flatMap((array) => arrayDocuments(group, array)),
    ...group.coordinates.flatMap((coordinate) => coordinateDocuments(group, coordinate)),
  ]);
}

/**
 * The versions of the files that the references are true of, by their URL; kerchunk itself has no place for them, and its
 * readers pass over members that they do not know. Ours refuses a file that is another. Pure.
 */
export function referencedFiles({ groups }: Pick<VirtualStore, 'groups'>): { readonly [url: string]: Json } {
  const files = groups.flatMap(({ arrays }) => arrays.flatMap(({ refs }) => refs.files));
  return fileVersions(files.map((file) => ({ ...file, url: kerchunkUrl(file.url) })));
}

/** Sizes, ETags and times of files as far as they are known, by URL: what tells later that a file has changed. */
export function fileVersions(files: readonly ReferencedFile[]): { readonly [url: string]: Json } {
  return Object.fromEntries(
    files.flatMap(({ url, identity }) => {
      if (identity === null) return [];
      const { size, etag, modifiedMs } = identity;
      return [[url, { size, etag, ...(modifiedMs === undefined ? {} : { modified_ms: modifiedMs }) }]];
    }),
  );
}

/** The stored bytes of a coordinate, little-endian and uncompressed: its only chunk. */
export function coordinateBytes({ values, dtype }: CoordinateLayout): Uint8Array {
  return sampleBytes(values, dtype);
}

/** Key of a coordinate's only chunk below the array. */
export function coordinateChunkKey({ dimensions }: CoordinateLayout): string {
  return dimensions.length === 0 ? '0' : dimensions.map(() => '0').join('.');
}

/** A file as kerchunk's readers name it: they do not undo the escapes of `file:` URLs. */
export function kerchunkUrl(url: string): string {
  return isLocal(url) ? `file://${pathOfUrl(url)}` : url;
}

/** Sizes of an array and its chunks in Zarr v2, where interleaved bands stay behind (y, x): (time, y, x, band). */
export function kerchunkLayout(array: Pick<VirtualArray, 'dimensions' | 'shape' | 'chunkShape'>) {
  const order = array.dimensions.length === 4 ? [0, 2, 3, 1] : [0, 1, 2];
  return {
    dimensions: order.map((d) => array.dimensions[d]!),
    shape: order.map((d) => array.shape[d]!),
    chunks: order.map((d) => array.chunkShape[d]!),
  };
}

function arrayDocuments(group: VirtualGroup, array: VirtualArray): Document[] {
  const { codecs, dtype, name, attributes } = array;
  const { dimensions, shape, chunks } = kerchunkLayout(array);
  // xarray takes the fill value of Zarr v2 for "no data", so it is stated where it means that, or where a chunk is missing.
  const { _FillValue: nodata, ...own } = attributes;
  const needed = nodata !== undefined || array.refs.file.includes(0);
  const fill = needed ? fillJson(array.fill, dtype) : null;
  const stored = { shape, chunks, ...codecs.v2, fill_value: fill };
  return documentsOf(joinPath(group.path, name), stored, withDimensions(own, dimensions));
}

function coordinateDocuments(group: VirtualGroup, coordinate: CoordinateLayout): Document[] {
  const { name, dtype, dimensions, values, attributes } = coordinate;
  const shape = dimensions.length === 0 ? [] : [values.length];
  const stored = { shape, chunks: shape, dtype: numpyName(dtype), compressor: null, filters: null, fill_value: null };
  return documentsOf(joinPath(group.path, name), stored, withDimensions(attributes, dimensions));
}

/** How an array is stored, in the members of its `.zarray`. */
type Stored = {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly dtype: string;
  readonly compressor: JsonObject | null;
  readonly filters: readonly JsonObject[] | null;
  readonly fill_value: Json;
};

function documentsOf(path: string, { shape, chunks, dtype, ...rest }: Stored, attributes: Attributes): Document[] {
  const { compressor, filters, fill_value } = rest;
  const coded = { compressor: compressor as Json, filters: filters as Json, fill_value };
  const json = { zarr_format: 2, shape, chunks, dtype, ...coded, order: 'C', dimension_separator: '.' };
  return [
    { key: `${path}/.zarray`, json },
    { key: `${path}/.zattrs`, json: attributes },
  ];
}

function withDimensions(attributes: Attributes, dimensions: readonly string[]): Attributes {
  return { ...attributes, _ARRAY_DIMENSIONS: dimensions };
}
