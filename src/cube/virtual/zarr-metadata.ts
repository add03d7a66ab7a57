import type { Json } from '../../stac/item.js';
import { arrayJson, fillJson, metadataBytes } from '../writer/array-json.js';
import { encodeWhole } from '../writer/encode.js';
import { coordinateArray, type CoordinateLayout } from '../writer/layout.js';
import type { VirtualArray, VirtualGroup } from './virtual-store.js';

/** The `zarr.json` of a group, version 3. Metadata of others is not repeated: it would go stale in a versioned store. */
export function groupDocument({ attributes }: Pick<VirtualGroup, 'attributes'>): Uint8Array {
  return metadataBytes({ zarr_format: 3, node_type: 'group', attributes });
}

/** The `zarr.json` of an array of references, version 3. */
export function virtualArrayDocument(array: VirtualArray): Uint8Array {
  const { shape, chunkShape, dtype, fill, codecs, attributes, dimensions } = array;
  return metadataBytes({
    zarr_format: 3,
    node_type: 'array',
    shape,
    data_type: dtype,
    chunk_grid: { name: 'regular', configuration: { chunk_shape: chunkShape } },
    chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
    fill_value: fillJson(fill, dtype),
    codecs: codecs.v3 as Json,
    attributes,
    dimension_names: dimensions,
    storage_transformers: [],
  });
}

/** The objects of a coordinate below its group: metadata and its only chunk. */
export function coordinateObjects(
  coordinate: CoordinateLayout,
): { readonly key: string; readonly bytes: Uint8Array }[] {
  const array = coordinateArray(coordinate);
  const chunk = array.dimensions.length === 0 ? 'c' : `c/${array.dimensions.map(() => 0).join('/')}`;
  return [
    { key: `${array.name}/zarr.json`, bytes: metadataBytes(arrayJson(array)) },
    { key: `${array.name}/${chunk}`, bytes: encodeWhole(array, coordinate.values) },
  ];
}
