/** Endings of files that are read as tables of features. */
export const FEATURE_ENDINGS: ReadonlySet<string> = new Set(
  'shp geojson json geojsonl geojsons geojsonseq ndjson jsonl gpkg fgb parquet geoparquet csv tsv kml gml'
    .split(' ')
    .map((extension) => `.${extension}`),
);

/** Formats of tables of features by their names; their files have endings of the list above. */
const NAMES: ReadonlySet<string> = new Set(['shapefile', 'geopackage', 'flatgeobuf', 'topojson', 'geojson-seq']);

/**
 * Words of `label_fmt` that say which files are labels: texts (`YOLO`), JSON alone (`COCO`), images (`MASKS`). Where it has other words,
 * or none, all tables of features are.
 */
export const YOLO = /^(?:yolo.*|txt)$/i;
/** See `YOLO`. */
export const COCO = /^coco.*$/i;
/** See `YOLO`. */
export const MASKS = /^(?:.*masks?|png|tiff?|geotiff|jpe?g|bmp)$/i;

/** Whether `label_fmt` means something with this word: an ending of files with features, a format's name, or one of labels in pixels. */
export function isKnownFormat(word: string): boolean {
  const plain = word.trim().toLowerCase().replace(/^\./, '');
  return (
    FEATURE_ENDINGS.has(`.${plain}`) || NAMES.has(plain) || [YOLO, COCO, MASKS].some((pattern) => pattern.test(plain))
  );
}
