import { CubeError, isCubeError } from '../errors.js';
import type { Crs } from '../grid/crs.js';
import { flatGeometry } from './flatgeobuf-geometry.js';
import { flatProperties } from './flatgeobuf-properties.js';
import type { FlatColumn } from './flatgeobuf-properties.js';
import { FlatTable } from './flat-table.js';
import { unusable } from './raw-geometry.js';
import { readWhole } from './read-whole.js';
import { chooseCrs, crsIfAbsent, parseFileCrs } from './source-crs.js';
import type { SourceOptions, SourceRecord, SourceTable } from './source-table.js';

// FlatGeobuf 3: magic, header, packed Hilbert R-tree (skipped), features; header and features with their size before them.
const MAGIC = [0x66, 0x67, 0x62, 0x03, 0x66, 0x67, 0x62];
const MAGIC_BYTES = 8;
const TREE_NODE_BYTES = 40;
const DATE_TIME = 13;
/** Fields of the header table. */
const HEADER = { geometryType: 2, columns: 7, featuresCount: 8, indexNodeSize: 9, crs: 10 } as const;

type Header = {
  readonly geometryType: number;
  readonly columns: readonly FlatColumn[];
  readonly featuresCount: number;
  readonly treeBytes: number;
  readonly crs: FlatTable | null;
};

/**
 * Read FlatGeobuf. Our own reader rather than GDAL's through DuckDB, which crashes on a damaged header and ends early,
 * without a word, on a file cut short; here both are `invalid-data`.
 */
export async function readFlatGeobuf(options: SourceOptions): Promise<SourceTable> {
  return parseFlatGeobuf(await readWhole(options.path, options.signal), options);
}

/** The pure part of `readFlatGeobuf`. */
export function parseFlatGeobuf(bytes: Uint8Array, options: SourceOptions): SourceTable {
  const { path, crs: stated } = options;
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) fail(path, 'not FlatGeobuf 3', 0);
  const message = sizedMessage(bytes, MAGIC_BYTES, path);
  const header = parseHeader(FlatTable.root({ view: message.view, url: path }));
  const crs = chooseCrs(
    path,
    stated,
    stated === undefined ? (headerCrs(header.crs, path) ?? crsIfAbsent(options)) : null,
    'write one into the header',
  );
  const records: SourceRecord[] = [];
  for (let at = message.end + header.treeBytes; at < bytes.length;) {
    const feature = sizedMessage(bytes, at, path);
    records.push(parseFeature(feature.view, header, { record: records.length + 1, url: path }));
    at = feature.end;
  }
  if (header.featuresCount > 0 && header.featuresCount !== records.length) {
    fail(path, `the header counts ${header.featuresCount} features, the file holds ${records.length}`, bytes.length);
  }
  const temporal = new Map(
    header.columns.filter(({ type }) => type === DATE_TIME).map(({ name }) => [name, 'TIMESTAMP'] as const),
  );
  return { url: path, crs, records, temporal, warnings: [] };
}

function sizedMessage(bytes: Uint8Array, at: number, url: string): { view: DataView; end: number } {
  const all = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (at + 4 > bytes.length) fail(url, 'the file is cut short', at);
  const length = all.getUint32(at, true);
  const end = at + 4 + length;
  if (end > bytes.length) fail(url, `a message of ${length} bytes reaches past the end of the file`, at);
  return { view: new DataView(bytes.buffer, bytes.byteOffset + at + 4, length), end };
}

function parseHeader(table: FlatTable): Header {
  const featuresCount = Number(table.uint64(HEADER.featuresCount) ?? 0n);
  return {
    geometryType: table.uint8(HEADER.geometryType) ?? 0,
    columns: columnsOf(table.tables(HEADER.columns)),
    featuresCount,
    treeBytes: treeBytes(featuresCount, table.uint16(HEADER.indexNodeSize) ?? 16),
    crs: table.table(HEADER.crs),
  };
}

/** Nodes of all levels, leaves first, up to the single root. No tree without a count or with a node size of 0. */
function treeBytes(count: number, nodeSize: number): number {
  if (count === 0 || nodeSize < 2) return 0;
  let nodes = count;
  for (let level = count; level > 1;) {
    level = Math.ceil(level / nodeSize);
    nodes += level;
  }
  return (count === 1 ? 2 : nodes) * TREE_NODE_BYTES;
}

function columnsOf(tables: readonly FlatTable[]): FlatColumn[] {
  return tables.map((table, i) => ({ name: table.string(0) ?? `column_${i + 1}`, type: table.uint8(1) ?? 0 }));
}

/** Fields of the Crs table: 0 authority, 1 code, 4 WKT. */
function headerCrs(table: FlatTable | null, path: string): Crs | null {
  if (table === null) return null;
  const code = table.int32(1) ?? 0;
  if (code > 0 && (table.string(0) ?? 'EPSG').toUpperCase() === 'EPSG') return parseFileCrs(path, `EPSG:${code}`);
  const wkt = table.string(4) ?? '';
  return wkt === '' ? null : parseFileCrs(path, wkt);
}

/** Fields of the Feature table: 0 geometry, 1 properties, 2 columns of its own. */
function parseFeature(view: DataView, header: Header, { record, url }: { record: number; url: string }): SourceRecord {
  try {
    const table = FlatTable.root({ view, url });
    const own = table.tables(2);
    const columns = own.length > 0 ? columnsOf(own) : header.columns;
    const bytes = table.bytes(1);
    const geometry = table.table(0);
    return {
      record,
      geometry: geometry === null ? unusable('no geometry') : flatGeometry(geometry, header.geometryType),
      id: null,
      properties: bytes === null ? {} : flatProperties(bytes, columns, url),
    };
  } catch (error) {
    if (!isCubeError(error, 'invalid-data')) throw error;
    return { record, geometry: unusable(`corrupt feature: ${error.problem.what}`), id: null, properties: {} };
  }
}

function fail(url: string, what: string, offset: number): never {
  throw new CubeError({ kind: 'invalid-data', url, what, offset });
}
