import { CubeError } from '../../errors.js';
import type { Size } from '../../grid/affine.js';
import type { Json } from '../../stac/item.js';
import { findElements } from '../geojson-features.js';
import { isObject } from '../geojson-geometry.js';

/** An image that annotations name. */
export type CocoImage = { readonly fileName: string; readonly size: Size | null };

/** A COCO file without what its annotations say: they are parsed one by one, from `spans` of its bytes. */
export type CocoDocument = {
  readonly images: ReadonlyMap<string, CocoImage>;
  /** Names by id. */
  readonly categories: ReadonlyMap<string, string>;
  /** Start and end byte of every annotation in turn. */
  readonly spans: readonly number[];
};

/** Pixels of a side: wider than any image that is annotated, and what is held for each column stays small. */
export const MAX_COCO_SIDE = 2 ** 20;

/** Whether bytes begin as COCO's JSON does; GeoJSON and TopoJSON begin with other keys. */
export function isCoco(bytes: Uint8Array): boolean {
  const start = new TextDecoder('utf-8').decode(bytes.subarray(0, 256));
  return /^\uFEFF?\s*\{\s*"(?:info|licenses|images|annotations|categories)"\s*:/.test(start);
}

/** Read the images and categories of a COCO file. Problem: `invalid-data`. */
export function parseCocoDocument(bytes: Uint8Array, url: string): CocoDocument {
  const found = findElements(bytes, url, { key: 'annotations', format: 'COCO' });
  if (found === null) throw invalid(url, 'no list "annotations"');
  const head = parseHead(found.head, url);
  const rest = head['annotations'];
  if (!Array.isArray(rest) || rest.length > 0) throw invalid(url, '"annotations" is there twice');
  const { images, categories } = head;
  if (!Array.isArray(images)) throw invalid(url, 'no list "images"');
  return { images: parseImages(images, url), categories: parseCategories(categories, url), spans: found.spans };
}

function invalid(url: string, what: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `not COCO: ${what}` });
}

function parseHead(text: string, url: string): { readonly [key: string]: Json } {
  try {
    const head: Json = JSON.parse(text);
    if (isObject(head)) return head;
  } catch (error) {
    throw invalid(url, error instanceof Error ? error.message : String(error));
  }
  throw invalid(url, 'no object');
}

function parseImages(images: readonly Json[], url: string): Map<string, CocoImage> {
  const byId = new Map<string, CocoImage>();
  for (const image of images) {
    const id = isObject(image) ? idText(image['id']) : null;
    if (!isObject(image) || id === null) throw invalid(url, 'an image without an id');
    const { file_name: fileName, width, height } = image;
    if (typeof fileName !== 'string' || fileName === '') throw invalid(url, `image ${id} has no file_name`);
    if (byId.has(id)) throw invalid(url, `two images have the id ${id}`);
    byId.set(id, { fileName, size: sizeOf(width, height, id, url) });
  }
  return byId;
}

function sizeOf(width: Json | undefined, height: Json | undefined, id: string, url: string): Size | null {
  if ((width ?? null) === null && (height ?? null) === null) return null;
  if (isSide(width) && isSide(height)) return { width, height };
  throw invalid(url, `image ${id} has a width or height that is none`);
}

function isSide(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_COCO_SIDE;
}

function parseCategories(categories: Json | undefined, url: string): Map<string, string> {
  const names = new Map<string, string>();
  if (categories === undefined || categories === null) return names;
  if (!Array.isArray(categories)) throw invalid(url, '"categories" is no list');
  for (const category of categories as readonly Json[]) {
    const id = isObject(category) ? idText(category['id']) : null;
    const name = isObject(category) ? category['name'] : null;
    if (id !== null && typeof name === 'string') names.set(id, name);
  }
  return names;
}

/** Ids are numbers, or text in some writers' files; as text, or null for anything else. */
export function idText(id: Json | undefined): string | null {
  return typeof id === 'number' || (typeof id === 'string' && id !== '') ? String(id) : null;
}
