import { extname } from 'node:path';
import { CubeError } from '../../errors.js';

/** What a table can be written as. `geojsonseq` has one feature a line. */
export const EXPORT_FORMATS = ['geoparquet', 'flatgeobuf', 'geojson', 'geojsonseq', 'csv', 'arrow', 'iceberg'] as const;

/** See `EXPORT_FORMATS`. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const BY_EXTENSION: Readonly<Record<string, ExportFormat>> = {
  '.parquet': 'geoparquet',
  '.geoparquet': 'geoparquet',
  '.fgb': 'flatgeobuf',
  '.geojson': 'geojson',
  '.json': 'geojson',
  '.geojsonl': 'geojsonseq',
  '.geojsons': 'geojsonseq',
  '.ndjson': 'geojsonseq',
  '.csv': 'csv',
  '.arrow': 'arrow',
  '.feather': 'arrow',
  '.iceberg': 'iceberg',
};

/** The format that is named, else the one of the file's extension. Problem: `invalid-argument`. */
export function exportFormat(out: string, named: string | undefined): ExportFormat {
  if (named !== undefined) {
    const known = EXPORT_FORMATS.find((format) => format === named);
    if (known !== undefined) return known;
    const fix = `one of: ${EXPORT_FORMATS.join(', ')}`;
    throw new CubeError({ kind: 'invalid-argument', what: `no format is called "${named}"`, fix });
  }
  const format = BY_EXTENSION[extname(out).toLowerCase()];
  if (format !== undefined) return format;
  throw new CubeError({
    kind: 'invalid-argument',
    what: `the extension of ${out} names no format`,
    fix: `use one of ${Object.keys(BY_EXTENSION).join(', ')}, or name the format`,
  });
}
