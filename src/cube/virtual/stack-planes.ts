import { redactUrl } from '../../errors.js';
import type { RangeRef, ReferencedFile } from '../../raster/chunk-ref.js';
import { fileKey } from '../../raster/file-key.js';
import { fillValueAttribute } from '../writer/array-json.js';
import type { Attributes } from '../writer/layout.js';
import type { SourcePlane } from './source-plane.js';
import type { FileRefs, VirtualArray } from './virtual-store.js';

/** What a stack is made of. */
export type StackInput = {
  readonly name: string;
  /** One a time step; null where the step has no such band. Those that are there agree in all properties. */
  readonly planes: readonly (SourcePlane | null)[];
  /** What means "no data" in the files; null where nothing does. */
  readonly nodata: number | null;
  /** Names of coordinates over time, beside the axis. */
  readonly coordinates: readonly string[];
  readonly attributes: Attributes;
};

/** An array over time whose chunks are the planes' tiles, in C order of its chunk grid. Pure. */
export function stackPlanes({ name, planes, nodata, coordinates, attributes }: StackInput): VirtualArray {
  const first = planes.find((plane) => plane !== null)!;
  const { size, tile, bands, dtype, fill, codecs } = first;
  const lead = bands > 1 ? [bands] : [];
  return {
    name,
    dtype,
    dimensions: ['time', ...(bands > 1 ? ['band'] : []), 'y', 'x'],
    shape: [planes.length, ...lead, size.height, size.width],
    chunkShape: [1, ...lead, tile.height, tile.width],
    fill,
    codecs,
    attributes: {
      ...attributes,
      ...(nodata === null ? {} : { _FillValue: fillValueAttribute(nodata, dtype) }),
      ...(coordinates.length === 0 ? {} : { coordinates: coordinates.join(' ') }),
    },
    refs: stackRefs(planes, first),
  };
}

function stackRefs(planes: readonly (SourcePlane | null)[], { size, tile }: SourcePlane): FileRefs {
  const rows = Math.ceil(size.height / tile.height);
  const cols = Math.ceil(size.width / tile.width);
  const count = planes.length * rows * cols;
  const refs = { file: new Uint32Array(count), offsets: new Float64Array(count), lengths: new Float64Array(count) };
  const files: ReferencedFile[] = [];
  const numbers = new Map<string, number>();
  let i = 0;
  for (const plane of planes) {
    for (let row = 0; row < rows; row++) {
      for (let col = 0; col < cols; col++, i++) {
        const ref = plane?.tileRef(row, col);
        if (ref?.kind !== 'range') continue;
        refs.file[i] = numberOf(ref, plane!, files, numbers);
        refs.offsets[i] = ref.offset;
        refs.lengths[i] = ref.length;
      }
    }
  }
  return { kind: 'files', files, ...refs };
}

/** 1 + the index of a file. Signatures and passwords are no part of a reference. */
function numberOf(
  { url, identity, guard }: RangeRef,
  { level }: SourcePlane,
  files: ReferencedFile[],
  numbers: Map<string, number>,
): number {
  const plain = redactUrl(url);
  const key = fileKey(plain, guard);
  const known = numbers.get(key);
  if (known !== undefined) return known;
  files.push({ url: plain, identity: identity ?? level.identity, ...(guard === undefined ? {} : { guard }) });
  numbers.set(key, files.length);
  return files.length;
}
