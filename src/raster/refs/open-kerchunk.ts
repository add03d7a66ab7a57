import { pathToFileURL } from 'node:url';
import { CubeError } from '../../errors.js';
import type { SourceFactory } from '../../io/byte-source.js';
import { joinUrl, resolveLocation, schemeOf } from '../../io/location.js';
import { unflatten } from '../../grid/flat-index.js';
import type { Hierarchy } from '../zarr/hierarchy.js';
import { isObject, member, parseMetadataJson, type JsonObject } from '../zarr/json.js';
import { parseKerchunk, parseKnownFiles, type Reference } from './parse-kerchunk.js';
import type { RecordPlace } from './record-files.js';
import { referenceHierarchy, type PlacedReference } from './reference-hierarchy.js';

/** Kerchunk's JSON as a Zarr hierarchy. Errors: `invalid-data`, `unsupported` by name, `forbidden`. */
export function openKerchunkJson(json: JsonObject, url: string): Hierarchy {
  const { documents, chunks } = parseKerchunk(json, url);
  return referenceHierarchy({
    url,
    documents,
    known: parseKnownFiles(json),
    locate: (written) => locate(written, url),
    chunksOf: async ({ path }) => placed(chunks.get(path) ?? new Map<string, Reference>()),
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
    chunksOf: ({ path }, grid) =>
      readRecords(sources, { url: joinUrl(root, path), signal }, { grid, recordSize: recordSize as number }),
  });
}

/** Only Parquet needs DuckDB. */
async function readRecords(
  sources: SourceFactory,
  place: Omit<RecordPlace, 'limit'>,
  size: { readonly grid: readonly number[]; readonly recordSize: number },
): Promise<PlacedReference[]> {
  const { readReferenceRecords } = await import('./reference-records.js');
  const records = await readReferenceRecords(sources, place, size);
  return records.map(({ place: chunk, reference }) => ({ index: unflatten(chunk, size.grid), reference }));
}

/** Readers of these files take what follows "file://" for a path, escapes and all; relative names are beside a remote file. */
function locate(written: string, document: string): string {
  if (/^file:\/\/\//i.test(written)) return pathToFileURL(written.slice(7)).href;
  if (schemeOf(written) !== null) return resolveLocation(written, document);
  return resolveLocation(written, written.startsWith('/') ? '/' : document);
}
