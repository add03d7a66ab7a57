import { CubeError } from '../../errors.js';
import { formatName } from '../../raster/format-name.js';
import { throwIfAborted } from '../../io/abort.js';
import { unusable } from '../raw-geometry.js';
import { readWhole } from '../read-whole.js';
import type { SourceOptions, SourceRecord, SourceTable } from '../source-table.js';
import type { NamedFile } from './image-names.js';
import { PLACE_FIX, type ImagePlace, type ImageSet } from './image-set.js';
import { tableOf } from './image-table.js';
import { refuseMask, type MaskRows } from './mask-rows.js';
import { placePolygons } from './place-shape.js';
import { pngMaskRows } from './png-mask.js';
import { Polygoniser, type Region } from './polygonise.js';
import { splitOfName } from './split-name.js';
import { tiffMaskRows } from './tiff-mask.js';

/**
 * Read a mask image, a GeoTIFF or PNG of one band: pixels of one value that hang together are one record, with `image` (the mask's name), `value`
 * and `pixels` as properties. Background (0 unless said otherwise), no data and NaN are none. It lies where its own georeference says, else
 * where the image of the same name lies. Problems: `invalid-data`; `unsupported` for other formats, colours and sizes, and where no image of
 * the data set has a place; where others have one, the mask is one unusable record with the reason.
 */
export async function readMask(options: SourceOptions, images: ImageSet): Promise<SourceTable> {
  const { path, name = path, background = [0], signal } = options;
  const split = splitOfName(name, { ownName: false });
  const { place, from } = await placeOfMask(images, name, signal);
  if (place.kind === 'unplaced') {
    if (!(await images.anyPlaced(signal))) {
      const feature = `a mask without a place on the ground (${place.reason})`;
      throw new CubeError({ kind: 'unsupported', feature, url: path, fix: PLACE_FIX });
    }
    const properties = { image: name };
    return tableOf(path, [{ record: 1, geometry: unusable(place.reason), id: name, properties, split }]);
  }
  const mask = await openMask({ name, path }, images, signal);
  assertSameSize(mask, place, { path, from });
  const regions = await polygonise(mask, { url: path, background, signal });
  const records = regions.map(({ value, pixels, rings }, i): SourceRecord => ({
    record: i + 1,
    geometry: placePolygons([rings], place.transform, mask.size),
    id: `${name}:${i + 1}`,
    properties: { image: name, value, pixels },
    crs: place.crs,
    split,
  }));
  return tableOf(path, records);
}

/** Its own place, or that of the image that it is of, with that one's name. */
async function placeOfMask(
  images: ImageSet,
  name: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly place: ImagePlace; readonly from: string }> {
  const own = await images.place(name, signal);
  const found = own.kind === 'placed' ? null : images.names.imageOf(name);
  if (found === null || found.kind === 'absent') return { place: own, from: name };
  if (found.kind === 'found') return { place: await images.place(found.file.name, signal), from: found.file.name };
  const reason = `several images may be that of ${name}: ${found.names.join(', ')}`;
  return { place: { kind: 'unplaced', reason, size: null }, from: name };
}

async function openMask(file: NamedFile, images: ImageSet, signal: AbortSignal | undefined): Promise<MaskRows> {
  const tiff = await images.openTiff(file, signal);
  if (tiff !== null) return tiffMaskRows(tiff.raster, tiff.sources, file.path, signal);
  const bytes = await readWhole(file.path, signal);
  const format = formatName(bytes);
  if (format === 'PNG') return pngMaskRows(bytes, file.path);
  const what =
    format === 'JPEG'
      ? 'as JPEG, whose compression changes values along edges'
      : `as ${format ?? 'a file of this kind'}`;
  throw refuseMask(file.path, what, 'convert it to PNG or GeoTIFF');
}

/** A mask may be placed by an image of its size only. */
function assertSameSize({ size }: MaskRows, place: ImagePlace, { path, from }: { path: string; from: string }): void {
  const other = place.size;
  if (other === null || (other.width === size.width && other.height === size.height)) return;
  const what = `it has ${size.width} by ${size.height} pixels, ${from}, which places it, ${other.width} by ${other.height}`;
  throw new CubeError({ kind: 'invalid-data', url: path, what });
}

type Polygonising = {
  readonly url: string;
  readonly background: readonly number[];
  readonly signal: AbortSignal | undefined;
};

async function polygonise(mask: MaskRows, { url, background, signal }: Polygonising): Promise<Region[]> {
  const polygoniser = new Polygoniser(url);
  const left = new Set([...background, ...mask.nodata]);
  let row = 0;
  for await (const values of mask.rows) {
    if (row % 1024 === 0) throwIfAborted(signal);
    addRow(polygoniser, row++, values, left);
  }
  return polygoniser.finish();
}

function addRow(polygoniser: Polygoniser, row: number, values: ArrayLike<number>, left: ReadonlySet<number>): void {
  for (let start = 0; start < values.length;) {
    const value = values[start]!;
    let end = start + 1;
    while (end < values.length && values[end] === value) end++;
    if (!left.has(value) && !Number.isNaN(value)) polygoniser.addRun(row, start, end, value);
    start = end;
  }
}
