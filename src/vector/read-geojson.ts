import { CubeError } from '../errors.js';
import type { Crs } from '../grid/crs.js';
import type { Json } from '../stac/item.js';
import { findFeatures } from './geojson-features.js';
import { isObject, parseGeoJsonGeometry } from './geojson-geometry.js';
import { unusable } from './raw-geometry.js';
import { readWhole } from './read-whole.js';
import { assumeCrs } from './assumed-crs.js';
import { chooseCrs, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceRecord, SourceTable } from './source-table.js';

const NO_COLUMNS: ReadonlyMap<string, 'DATE' | 'TIMESTAMP'> = new Map();
const LINE_FEED = 0x0a;
const RECORD_SEPARATOR = 0x1e;

/**
 * Read GeoJSON: a FeatureCollection, a Feature or a geometry. Coordinates are OGC:CRS84 (RFC 7946 §4) unless the file
 * carries the `crs` member of the 2008 format, or the caller says what files without one are in. A feature that is no
 * feature is kept as a record with the reason.
 */
export async function readGeoJson(options: SourceOptions): Promise<SourceTable> {
  const bytes = withoutMark(await readWhole(options.path, options.signal));
  return parseGeoJson(bytes, options);
}

/** Read newline-delimited GeoJSON, with or without record separators (RFC 8142). Empty lines are no records. */
export async function readGeoJsonSequence(options: SourceOptions): Promise<SourceTable> {
  const bytes = withoutMark(await readWhole(options.path, options.signal));
  return parseGeoJsonSequence(bytes, options);
}

/** The pure part of `readGeoJson`. */
export function parseGeoJson(bytes: Uint8Array, options: SourceOptions): SourceTable {
  const { path } = options;
  const found = findFeatures(bytes, path);
  const head = parseHead(() => (found === null ? decode(bytes) : found.head), path);
  const member = memberCrs(head, path);
  if (found === null) {
    if (isObject(head) && head['type'] === 'FeatureCollection') {
      throw new CubeError({ kind: 'invalid-data', url: path, what: 'a FeatureCollection without "features"' });
    }
    return toTable([parseFeature(head, 1)], member, options);
  }
  const records: SourceRecord[] = [];
  for (let i = 0; i < found.spans.length; i += 2) {
    records.push(parseFeatureText(bytes.subarray(found.spans[i], found.spans[i + 1]), records.length + 1));
  }
  return toTable(records, member, options);
}

/** The pure part of `readGeoJsonSequence`. */
export function parseGeoJsonSequence(bytes: Uint8Array, options: SourceOptions): SourceTable {
  const { path } = options;
  const records: SourceRecord[] = [];
  for (const line of lines(bytes)) records.push(parseFeatureText(line, records.length + 1));
  if (
    records.length > 0 &&
    records.every(({ geometry }) => geometry.kind === 'unusable' && geometry.reason.startsWith('not JSON'))
  ) {
    throw new CubeError({ kind: 'invalid-data', url: path, what: 'not newline-delimited GeoJSON: no line is JSON' });
  }
  return toTable(records, null, options);
}

/** `member` is the file's own CRS. */
function toTable(records: readonly SourceRecord[], member: Crs | null, options: SourceOptions): SourceTable {
  const { path, crs: stated } = options;
  const found =
    member === null && stated === undefined ? assumeCrs(options, records) : { crs: member, warnings: [] as const };
  const crs = chooseCrs(path, stated, found.crs, '');
  return { url: path, crs, records, temporal: NO_COLUMNS, warnings: found.warnings };
}

function parseHead(text: () => string, url: string): Json {
  try {
    return JSON.parse(text());
  } catch (error) {
    throw new CubeError({ kind: 'invalid-data', url, what: `not GeoJSON: ${String(error)}` }, { cause: error });
  }
}

/** GeoJSON 2008 §3: the member `crs` of type "name"; null where there is none. Coordinates are x, y whatever the CRS's own axis order. */
function memberCrs(head: Json, url: string): Crs | null {
  if (!isObject(head) || !isObject(head['crs'])) return null;
  const { type, properties } = head['crs'];
  const name = isObject(properties) ? properties['name'] : undefined;
  if (type === 'name' && typeof name === 'string') return parseFileCrs(url, name);
  throw new CubeError({
    kind: 'invalid-data',
    url,
    what: 'a "crs" member without a name (set labels.crs, or crs in a manifest)',
  });
}

function parseFeatureText(bytes: Uint8Array, record: number): SourceRecord {
  try {
    return parseFeature(JSON.parse(quoteLongIntegers(decode(bytes))), record);
  } catch (error) {
    return { record, geometry: unusable(`not JSON: ${String(error)}`), id: null, properties: {} };
  }
}

function parseFeature(json: Json, record: number): SourceRecord {
  if (!isObject(json)) return { record, geometry: unusable('not a feature'), id: null, properties: {} };
  if (json['type'] !== 'Feature') return { record, geometry: parseGeoJsonGeometry(json), id: null, properties: {} };
  const { id, properties } = json;
  return {
    record,
    geometry: parseGeoJsonGeometry(json['geometry']),
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : null,
    properties: isObject(properties) ? properties : {},
  };
}

/** JSON.parse rounds integers above 2^53; ids of that size are kept as text, digit for digit. */
function quoteLongIntegers(text: string): string {
  if (!/[:[,\s]-?\d{16,}\s*[,}\]]/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}

function* lines(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  while (start < bytes.length) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed;
    const from = bytes[start] === RECORD_SEPARATOR ? start + 1 : start;
    const line = bytes.subarray(from, end);
    if (line.some((byte) => byte > 0x20)) yield line;
    start = end + 1;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}
