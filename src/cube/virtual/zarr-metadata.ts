import type { Json } from '../../stac/item.js';
import { arrayDocument, arrayJson, metadataBytes } from '../writer/array-json.js';
import { encodeWhole, objectKey } from '../writer/encode.js';
import { coordinateArray, type CoordinateLayout } from '../writer/layout.js';
import type { VirtualArray, VirtualGroup } from './virtual-store.js';

/** The `zarr.json` of a group, version 3. Metadata of others is not repeated: it would go stale in a versioned store. */
export function groupDocument({ attributes }: Pick<VirtualGroup, 'attributes'>): Uint8Array {
  return metadataBytes({ zarr_format: 3, node_type: 'group', attributes });
}

/** The `zarr.json` of an array of references, version 3. */
export function virtualArrayDocument(array: VirtualArray): Uint8Array {
  return metadataBytes(arrayDocument({ ...array, codecs: array.codecs.v3 as Json }));
}

/** The objects of a coordinate below its group: metadata and its only chunk. */
export function coordinateObjects(
  coordinate: CoordinateLayout,
): { readonly key: string; readonly bytes: Uint8Array }[] {
  const array = coordinateArray(coordinate);
  return [
    { key: `${array.name}/zarr.json`, bytes: metadataBytes(arrayJson(array)) },
    {
      key: objectKey(
        array,
        array.dimensions.map(() => 0),
      ),
      bytes: encodeWhole(array, coordinate.values),
    },
  ];
}
