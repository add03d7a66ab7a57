import { extname } from 'node:path';
import { CubeError } from '../errors.js';
import type { DuckDb } from '../duckdb/connection.js';
import type { PointColumns } from './csv-points.js';
import { isCoco } from './images/coco-document.js';
import type { ImageSet } from './images/image-set.js';
import { readCoco } from './images/read-coco.js';
import { readImageLabels } from './images/read-image-labels.js';
import { readMask } from './images/read-mask.js';
import { readYolo } from './images/read-yolo.js';
import { readCsv } from './read-csv.js';
import { readFlatGeobuf } from './read-flatgeobuf.js';
import { readGeoJson, readGeoJsonSequence } from './read-geojson.js';
import { readGeoPackage } from './read-geopackage.js';
import { readGeoParquet } from './read-geoparquet.js';
import { readGml } from './read-gml.js';
import { readKml } from './read-kml.js';
import { readLakeTable } from './read-lake.js';
import { readShapefile } from './read-shapefile.js';
import { isTopology, readTopoJson } from './read-topojson.js';
import { readWhole } from './read-whole.js';
import type { SourceOptions, SourceTable } from './source-table.js';
import type { SqlQuery } from './sql-records.js';

const FORMATS =
  '.shp, .geojson, .json, .topojson, .geojsonl, .geojsonseq, .ndjson, .gpkg, .fgb, .parquet, .geoparquet, .kml, .gml, .csv, .tsv, .json (COCO), .txt (YOLO), .tif, .png (masks)';

type ReadOptions = SourceOptions & {
  pointColumns?: PointColumns | undefined;
  query?: SqlQuery | undefined;
  /** The images that labels in pixels are of; by default those around the file. */
  images?: ImageSet | undefined;
};

/**
 * Read a label file by the format that its extension names, or a lake table. Problems: those of the format;
 * `invalid-spec` for a layer or coordinate columns that the format does not have.
 */
export async function readSource(db: DuckDb, options: ReadOptions): Promise<SourceTable> {
  const { path, crs, query } = options;
  assertMeant(options);
  if (path.startsWith('lake:')) return readLakeTable(query, path, crs);
  switch (extname(path).toLowerCase()) {
    case '.shp':
      return readShapefile(options);
    case '.geojson':
      return readGeoJson(options);
    case '.json':
      return readJson(options);
    case '.topojson':
      return readTopoJson(options);
    case '.geojsonl':
    case '.geojsons':
    case '.geojsonseq':
    case '.ndjson':
    case '.jsonl':
      return readGeoJsonSequence(options);
    case '.gpkg':
      return readGeoPackage(db, options);
    case '.fgb':
      return readFlatGeobuf(options);
    case '.parquet':
    case '.geoparquet':
      return readGeoParquet(db, options);
    case '.kml':
      return readKml(options);
    case '.gml':
      return readGml(db, options);
    case '.csv':
    case '.tsv':
      return readCsv(db, options);
    case '.txt':
      return readImageLabels(options, options.images, readYolo);
    case '.tif':
    case '.tiff':
    case '.png':
    case '.jpg':
    case '.jpeg':
    case '.bmp':
      return readImageLabels(options, options.images, readMask);
    default:
      throw new CubeError({
        kind: 'unsupported',
        feature: `label files with the extension "${extname(path)}"`,
        url: path,
        fix: `convert it to one of ${FORMATS}`,
      });
  }
}

/** What a .json holds is told by how it begins. */
async function readJson(options: ReadOptions): Promise<SourceTable> {
  const start = await readWhole(options.path, options.signal);
  if (isTopology(start)) return readTopoJson(options);
  return isCoco(start) ? readImageLabels(options, options.images, readCoco) : readGeoJson(options);
}

/** What would be passed over in silence is a slip: in the path, or in the option. */
function assertMeant({ path, layer, pointColumns }: ReadOptions): void {
  const extension = path.startsWith('lake:') ? '' : extname(path).toLowerCase();
  if (layer !== undefined && !['.gpkg', '.gml', '.topojson'].includes(extension)) {
    const fix = 'leave labels.layer (--layer for cube stats) out: only GeoPackage, GML and .topojson have layers';
    throw new CubeError({ kind: 'invalid-spec', path: 'labels.layer', what: `${path} has no layer "${layer}"`, fix });
  }
  if (pointColumns !== undefined && extension !== '.csv' && extension !== '.tsv') {
    const fix =
      'leave labels.x and labels.y (--x and --y for cube stats) out: only a CSV or TSV has coordinate columns';
    throw new CubeError({ kind: 'invalid-spec', path: 'labels.x', what: `${path} has geometries of its own`, fix });
  }
}
