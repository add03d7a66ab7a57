import { CubeError } from '../../errors.js';
import { unusable } from '../raw-geometry.js';
import { readWhole } from '../read-whole.js';
import type { SourceOptions, SourceRecord, SourceTable } from '../source-table.js';
import { PLACE_FIX, type ImagePlace, type ImageSet } from './image-set.js';
import { tableOf } from './image-table.js';
import { placePolygons } from './place-shape.js';
import { splitOfName } from './split-name.js';
import { readYoloClasses, type YoloClasses } from './yolo-classes.js';
import { parseYoloLine } from './yolo-line.js';

/**
 * Read the YOLO labels of one image, placed by it; a file without lines has no records. Properties are `image`, `class` and `category` (its name), and
 * `confidence` where it is there. Problems: `invalid-data` for what is no text; `unsupported` where no image of the data set has a place on the
 * ground. Where others have one, the labels of this one are unusable, with the reason.
 */
export async function readYolo(options: SourceOptions, images: ImageSet): Promise<SourceTable> {
  const { path, name = path, signal } = options;
  const lines = parseLines(await readWhole(path, signal), path);
  if (lines.length === 0) return tableOf(path, []);
  const classes = await readYoloClasses(images.names, name, signal);
  const found = await findImage(images, name, signal);
  if (found.place.kind === 'unplaced' && !(await images.anyPlaced(signal))) {
    const feature = `labels in pixels of images without a place on the ground (${found.place.reason})`;
    throw new CubeError({ kind: 'unsupported', feature, url: path, fix: PLACE_FIX });
  }
  const split = splitOfName(name, { ownName: false });
  return tableOf(
    path,
    lines.map((line, i) => ({ ...toRecord(line, i + 1, found, classes), split })),
  );
}

/** Lines that are not empty. */
function parseLines(bytes: Uint8Array, url: string): string[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new CubeError({ kind: 'invalid-data', url, what: 'not YOLO labels: no text' }, { cause: error });
  }
  return text.split('\n').filter((line) => line.trim() !== '');
}

type Found = { readonly image: string | null; readonly place: ImagePlace };

async function findImage(images: ImageSet, label: string, signal: AbortSignal | undefined): Promise<Found> {
  const found = images.names.imageOf(label);
  const without = (reason: string): Found => ({ image: null, place: { kind: 'unplaced', reason, size: null } });
  if (found.kind === 'absent') return without(`the image of ${label} is not among the files`);
  if (found.kind === 'ambiguous') return without(`several images may be that of ${label}: ${found.names.join(', ')}`);
  const { name } = found.file;
  const place = await images.place(name, signal);
  if (place.size !== null || place.kind === 'unplaced') return { image: name, place };
  return { image: name, place: { kind: 'unplaced', reason: `the size of ${name} cannot be read`, size: null } };
}

function toRecord(line: string, record: number, { image, place }: Found, classes: YoloClasses): SourceRecord {
  const { polygons, properties } = parseYoloLine(line, place.size ?? { width: 1, height: 1 });
  const number = properties.class;
  const category = typeof number === 'number' ? (classes.get(number) ?? null) : null;
  const shape = () => {
    if (typeof polygons === 'string') return unusable(polygons);
    if (place.kind === 'unplaced') return unusable(place.reason);
    return placePolygons(polygons, place.transform, place.size);
  };
  return {
    record,
    geometry: shape(),
    id: image === null ? null : `${image}:${record}`,
    properties: { image, category, ...properties },
    ...(place.kind === 'placed' ? { crs: place.crs } : {}),
  };
}
