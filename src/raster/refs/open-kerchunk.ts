import { pathToFileURL } from 'node:url';
import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { joinUrl, resolveLocation, schemeOf } from '../../io/location.js';
import type { Hierarchy } from '../zarr/hierarchy.js';
import { isObject, member, parseMetadataJson, type JsonObject } from '../zarr/json.js';
import { parseKerchunk, parseKnownFiles, type Reference } from './parse-kerchunk.js';
import type { PlacedReference } from './reference-columns.js';
import { referenceHierarchy } from './reference-hierarchy.js';

/** Kerchunk's JSON as a Zarr hierarchy. Errors: `invalid-data`, `unsupported` by name, `forbidden`. */
export function openKerchunkJson(json: JsonObject, url: string): Hierarchy {
  const { documents, chunks } = parseKerchunk(json, url);
  return referenceHierarchy({
    url,
    documents,
    known: parseKnownFiles(json),
    locate: (written) => locate(written, url),
    fill: async ({ path }, columns) => columns.addAll(placed(chunks.get(path) ?? new Map<string, Reference>())),
  });
}

function* placed(chunks: ReadonlyMap<string, Reference>): Generator<PlacedReference> {
  for (const [key, reference] of chunks) {
    const index = key
      .replace(/^c\/?/, '')
      .split(/[./]/)
      .filter((step) => step !== '');
    // A scalar's only chunk is "0" in Zarr v2, "c" in v3; its grid has no dimensions.
    if (index.every((step) => /^\d+$/.test(step))) yield { index: index.map(Number), reference };
  }
}

/**
 * A folder of kerchunk's Parquet as a Zarr hierarchy, or null where it is none. Errors: `invalid-data`, those of the sources.
 */
export async function openKerchunkParquet(
  sources: SourceFactory,
  url: string,
  signal?: AbortSignal,
): Promise<Hierarchy | null> {
  const place = joinUrl(url.replace(/\/+$/, ''), '.zmetadata');
  const { bytes } = await sources.open(place).read('all', signal === undefined ? {} : { signal });
  const json = parseMetadataJson(bytes, place);
  const recordSize = member(json, 'record_size');
  if (recordSize === undefined) return null;
  const entries = member(json, 'metadata');
  if (!isObject(entries) || !Number.isSafeInteger(recordSize) || (recordSize as number) < 1) {
    throw new CubeError({ kind: 'invalid-data', url: place, what: 'kerchunk references without metadata' });
  }
  const documents = new Map(
    Object.entries(entries).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
  );
  const root = url.replace(/\/+$/, '');
  return referenceHierarchy({
    url,
    documents,
    known: parseKnownFiles(json),
    locate: (written) => locate(written, url),
    fill: async ({ path }, columns) => {
      // Only Parquet needs DuckDB.
      const { readReferenceRecords } = await import('./reference-records.js');
      const place = { url: joinUrl(root, path), signal };
      await readReferenceRecords(sources, place, { columns, recordSize: recordSize as number });
    },
  });
}

/** Readers of these files take what follows "file://" for a path, escapes and all; relative names are beside a remote file. */
function locate(written: string, document: string): string {
  if (/^file:\/\/\//i.test(written)) return pathToFileURL(written.slice(7)).href;
  if (schemeOf(written) !== null) return resolveLocation(written, document);
  return resolveLocation(written, written.startsWith('/') ? '/' : document);
}
