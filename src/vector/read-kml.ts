import { kml } from '@tmcw/togeojson';
import { DOMParser } from '@xmldom/xmldom';
import { CubeError } from '../errors.js';
import { parseGeoJson } from './read-geojson.js';
import { readWhole } from './read-whole.js';
import type { SourceOptions, SourceTable } from './source-table.js';

/**
 * Read the placemarks of a KML file (OGC KML 2.2) with their extended data; heights are dropped. Coordinates are OGC:CRS84, as the
 * format says. Entities that a document declares are not expanded. Problem: `invalid-data`.
 */
export async function readKml(options: SourceOptions): Promise<SourceTable> {
  return parseKml(await readWhole(options.path, options.signal), options);
}

/** The pure part of `readKml`. */
export function parseKml(bytes: Uint8Array, options: SourceOptions): SourceTable {
  const { path } = options;
  const fail = (what: string, cause?: unknown) =>
    new CubeError({ kind: 'invalid-data', url: path, what: `not KML: ${what}` }, { cause });
  const text = decode(bytes);
  if (text === null) throw fail('not UTF-8 or UTF-16');
  if (/<!DOCTYPE/i.test(text)) throw fail('it declares a document type, which KML has none of');
  let collection: unknown;
  try {
    const onError = (level: string, message: string) => {
      if (level !== 'warning') throw new Error(message);
    };
    const document = new DOMParser({ onError }).parseFromString(text, 'text/xml');
    if (document.documentElement?.localName !== 'kml') throw new Error('no element kml at the top');
    collection = kml(document, { skipNullGeometry: false });
  } catch (error) {
    throw fail(error instanceof Error ? error.message.split('\n')[0]! : String(error), error);
  }
  return parseGeoJson(new TextEncoder().encode(JSON.stringify(collection)), options);
}

function decode(bytes: Uint8Array): string | null {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
