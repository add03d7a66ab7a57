import type { ShapefileParts } from '../../src/vector/read-shapefile.js';

export const WGS84_PRJ =
  'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]';

export type DbfField = {
  readonly name: string;
  readonly type: 'C' | 'N' | 'D' | 'L';
  readonly length: number;
  readonly decimals?: number;
};

/** Content of a polygon record: rings of [x, y] in file order. */
export function polygonRecord(rings: readonly (readonly (readonly [number, number])[])[]): Uint8Array {
  const points = rings.flat();
  const bytes = new Uint8Array(44 + 4 * rings.length + 16 * points.length);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, 5, true);
  view.setInt32(36, rings.length, true);
  view.setInt32(40, points.length, true);
  let start = 0;
  for (const [i, ring] of rings.entries()) {
    view.setInt32(44 + 4 * i, start, true);
    start += ring.length;
  }
  for (const [i, [x, y]] of points.entries()) {
    view.setFloat64(44 + 4 * rings.length + 16 * i, x, true);
    view.setFloat64(52 + 4 * rings.length + 16 * i, y, true);
  }
  return bytes;
}

/** Content of a point record, or of a null shape. */
export function pointRecord(point: readonly [number, number] | null): Uint8Array {
  const bytes = new Uint8Array(point === null ? 4 : 20);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, point === null ? 0 : 1, true);
  if (point !== null) for (const [i, value] of point.entries()) view.setFloat64(4 + 8 * i, value, true);
  return bytes;
}

/** A .shp and its .shx. `gap` puts that many stale bytes before every record, as editors leave them behind. */
export function shpAndShx(records: readonly Uint8Array[], gap = 0): { shp: Uint8Array; shx: Uint8Array } {
  const length = records.reduce((sum, record) => sum + 8 + gap + record.length, 100);
  const shp = new Uint8Array(length);
  const shx = new Uint8Array(100 + 8 * records.length);
  for (const file of [shp, shx]) {
    const view = new DataView(file.buffer);
    view.setInt32(0, 9994);
    view.setInt32(24, file.length / 2);
    view.setInt32(28, 1000, true);
    view.setInt32(32, 5, true);
  }
  const data = new DataView(shp.buffer);
  const index = new DataView(shx.buffer);
  let at = 100;
  for (const [i, record] of records.entries()) {
    at += gap;
    data.setInt32(at, i + 1);
    data.setInt32(at + 4, record.length / 2);
    shp.set(record, at + 8);
    index.setInt32(100 + 8 * i, at / 2);
    index.setInt32(104 + 8 * i, record.length / 2);
    at += 8 + record.length;
  }
  return { shp, shx };
}

/** A dBase III table. Values are padded as given; text is encoded by `encode`. `deleted` lists row numbers from 0. */
export function dbf(
  fields: readonly DbfField[],
  rows: readonly (readonly string[])[],
  options: { encode?: (text: string) => Uint8Array; deleted?: readonly number[]; languageDriver?: number } = {},
): Uint8Array {
  const encode = options.encode ?? ((text: string) => new TextEncoder().encode(text));
  const header = 32 + 32 * fields.length + 1;
  const width = fields.reduce((sum, field) => sum + field.length, 1);
  const bytes = new Uint8Array(header + rows.length * width + 1).fill(0x20, header);
  const view = new DataView(bytes.buffer);
  bytes[0] = 3;
  view.setUint32(4, rows.length, true);
  view.setUint16(8, header, true);
  view.setUint16(10, width, true);
  bytes[29] = options.languageDriver ?? 0;
  for (const [i, field] of fields.entries()) {
    bytes.set(encode(field.name), 32 + 32 * i);
    bytes[32 + 32 * i + 11] = field.type.charCodeAt(0);
    bytes[32 + 32 * i + 16] = field.length;
    bytes[32 + 32 * i + 17] = field.decimals ?? 0;
  }
  bytes[header - 1] = 0x0d;
  for (const [r, row] of rows.entries()) {
    let at = header + r * width;
    if (options.deleted?.includes(r) === true) bytes[at] = 0x2a;
    at += 1;
    for (const [i, field] of fields.entries()) {
      bytes.set(encode(row[i] ?? '').subarray(0, field.length), at);
      at += field.length;
    }
  }
  bytes[bytes.length - 1] = 0x1a;
  return bytes;
}

/** A shapefile of a few polygons with every column type. */
export function sampleShapefile(): ShapefileParts {
  const square = (x: number, y: number, size: number): [number, number][] => [
    [x, y],
    [x, y + size],
    [x + size, y + size],
    [x + size, y],
    [x, y],
  ];
  const records = [
    polygonRecord([square(10, 48, 0.01)]),
    polygonRecord([square(11, 48, 0.02), [...square(11.005, 48.005, 0.005)].toReversed()]),
    pointRecord(null),
    polygonRecord([square(12, 48, 0.01), square(12.1, 48, 0.01)]),
  ];
  const fields: DbfField[] = [
    { name: 'osm_id', type: 'N', length: 12 },
    { name: 'name', type: 'C', length: 20 },
    { name: 'built', type: 'D', length: 8 },
    { name: 'power', type: 'N', length: 8, decimals: 2 },
    { name: 'roof', type: 'L', length: 1 },
  ];
  const rows = [
    ['1', 'Gänserndorf', '20190501', '12.50', 'T'],
    ['2', 'Zürich', '', '', '?'],
    ['3', 'nothing', '20200101', '1.00', 'F'],
    ['99999999999', '', '20201231', '-3.25', 'F'],
  ];
  return { ...shpAndShx(records), dbf: dbf(fields, rows), prj: WGS84_PRJ, cpg: 'UTF-8' };
}
