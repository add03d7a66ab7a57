import { CubeError } from '../../errors.js';
import type { Size } from '../../grid/affine.js';
import { throwIfAborted } from '../../io/abort.js';
import type { Json } from '../../stac/item.js';
import { isObject } from '../geojson-geometry.js';
import { unusable, type RawGeometry } from '../raw-geometry.js';
import { readWhole } from '../read-whole.js';
import type { SourceOptions, SourceRecord, SourceTable } from '../source-table.js';
import type { RunBudget } from './coco-rle.js';
import { cocoPolygons } from './coco-shape.js';
import { idText, parseCocoDocument, type CocoDocument, type CocoImage } from './coco-document.js';
import { PLACE_FIX, type ImagePlace, type ImageSet } from './image-set.js';
import { tableOf } from './image-table.js';
import { placePolygons } from './place-shape.js';
import { splitOfName } from './split-name.js';

/** Pieces of columns that the masks of a file may have: honest ones take a byte each or more, so that time goes with the file's size. */
const RUNS_PER_BYTE = 4;
const FREE_RUNS = 2 ** 22;

type Annotation = { readonly [key: string]: Json };

/**
 * Read the annotations of a COCO file: polygons, masks in run lengths, or boxes, placed by the images that they are of. Properties are those of the
 * annotation but its segmentation, with the `image`'s file name and the `category`'s name. Problems: `invalid-data`;
 * `unsupported` where no image of the file has a place on the ground. An annotation of an image that has none is unusable, with the reason.
 */
export async function readCoco(options: SourceOptions, images: ImageSet): Promise<SourceTable> {
  const { path, name = path, signal } = options;
  const bytes = await readWhole(path, signal);
  const document = parseCocoDocument(bytes, path);
  const annotations = parseAnnotations(bytes, document.spans);
  const places = await placesOf(annotations, document, { images, name, signal });
  assertPlaced(places, path);
  const split = splitOfName(name, { ownName: true });
  const budget = { left: FREE_RUNS + RUNS_PER_BYTE * bytes.length };
  const records = annotations.map((annotation, i): SourceRecord => {
    if (i % 4096 === 0) throwIfAborted(signal);
    return toRecord(annotation, i + 1, { document, places, split, budget });
  });
  return tableOf(path, records);
}

/** Null for what is no annotation. */
function parseAnnotations(bytes: Uint8Array, spans: readonly number[]): (Annotation | null)[] {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const annotations: (Annotation | null)[] = [];
  for (let i = 0; i < spans.length; i += 2) {
    try {
      const json: Json = JSON.parse(decoder.decode(bytes.subarray(spans[i], spans[i + 1])));
      annotations.push(isObject(json) ? json : null);
    } catch {
      annotations.push(null);
    }
  }
  return annotations;
}

type Where = { readonly images: ImageSet; readonly name: string; readonly signal: AbortSignal | undefined };
type Places = ReadonlyMap<string, ImagePlace>;

/** Of every image that an annotation names, by id. */
async function placesOf(
  annotations: readonly (Annotation | null)[],
  { images: byId }: CocoDocument,
  where: Where,
): Promise<Places> {
  const places = new Map<string, ImagePlace>();
  for (const annotation of annotations) {
    const id = idText(annotation?.['image_id']);
    const image = id === null ? undefined : byId.get(id);
    if (id !== null && image !== undefined && !places.has(id)) places.set(id, await placeOf(image, where));
  }
  return places;
}

async function placeOf({ fileName, size }: CocoImage, { images, name, signal }: Where): Promise<ImagePlace> {
  const found = images.names.referred(fileName, name);
  if (found.kind === 'ambiguous') {
    return { kind: 'unplaced', reason: `several files are named ${fileName}: ${found.names.join(', ')}`, size };
  }
  const place = await images.place(
    found.kind === 'found' ? found.file.name : images.names.beside(fileName, name),
    signal,
  );
  if (place.kind === 'unplaced' || size === null || place.size === null) return { ...place, size: place.size ?? size };
  if (size.width === place.size.width && size.height === place.size.height) return place;
  const reason = `the labels are of an image of ${sizeText(size)} pixels, ${fileName} has ${sizeText(place.size)}`;
  return { kind: 'unplaced', reason, size };
}

function sizeText({ width, height }: Size): string {
  return `${width} by ${height}`;
}

function assertPlaced(places: Places, url: string): void {
  const all = [...places.values()];
  const first = all[0];
  if (first?.kind !== 'unplaced' || all.some(({ kind }) => kind === 'placed')) return;
  const feature = `labels in pixels of images without a place on the ground (${first.reason})`;
  throw new CubeError({ kind: 'unsupported', feature, url, fix: PLACE_FIX });
}

type Context = {
  readonly document: CocoDocument;
  readonly places: Places;
  readonly split: string | null;
  readonly budget: RunBudget;
};

function toRecord(
  annotation: Annotation | null,
  record: number,
  { document, places, split, budget }: Context,
): SourceRecord {
  if (annotation === null) return { record, geometry: unusable('not an annotation'), id: null, properties: {} };
  const { segmentation: _, ...own } = annotation;
  const imageId = idText(annotation['image_id']);
  const image = imageId === null ? undefined : document.images.get(imageId);
  const category = document.categories.get(idText(annotation['category_id']) ?? '') ?? null;
  const place = places.get(imageId ?? '');
  const geometry =
    place === undefined ? unusable('its image is not in the list of images') : shapeOf(annotation, place, budget);
  return {
    record,
    geometry,
    id: `${image?.fileName ?? imageId ?? ''}:${idText(annotation['id']) ?? record}`,
    properties: { image: image?.fileName ?? null, category, ...own },
    split: split ?? (image === undefined ? null : splitOfName(image.fileName, { ownName: false })),
    ...(place?.kind === 'placed' ? { crs: place.crs } : {}),
  };
}

function shapeOf(annotation: Annotation, place: ImagePlace, budget: RunBudget): RawGeometry {
  if (place.kind === 'unplaced') return unusable(place.reason);
  if (place.size === null) return unusable('the size of its image is not known');
  const polygons = cocoPolygons(annotation, place.size, budget);
  return typeof polygons === 'string' ? unusable(polygons) : placePolygons(polygons, place.transform, place.size);
}
