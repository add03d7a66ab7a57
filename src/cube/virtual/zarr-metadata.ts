import type { Json } from '../../stac/item.js';
import { prepareCodecs } from '../../codec/prepare.js';
import { arrayDocument, arrayJson, metadataBytes } from '../writer/array-json.js';
import { encodeWhole, objectKey } from '../writer/encode.js';
import { coordinateArray, type CoordinateLayout } from '../writer/layout.js';
import type { VirtualArray, VirtualGroup } from './virtual-store.js';

/** The `zarr.json` of an array of references, version 3. */
export function virtualArrayJson(array: VirtualArray): { readonly [key: string]: Json } {
  return arrayDocument({ ...array, codecs: array.codecs.v3 as Json });
}

/** Load what encoding the coordinates of groups takes. */
export async function prepareCoordinates(groups: readonly Pick<VirtualGroup, 'coordinates'>[]): Promise<void> {
  const coordinates = groups.flatMap((group) => group.coordinates);
  await prepareCodecs(coordinates.map((coordinate) => coordinateArray(coordinate).codec));
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
