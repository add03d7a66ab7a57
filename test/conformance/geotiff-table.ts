import type { CodecSpec } from '../../src/codec/codec-spec.js';
import type { Raster } from '../../src/raster/raster.js';

/** What became of one file. */
export type FileResult = {
  readonly name: string;
  readonly gdalReads: boolean;
  readonly outcome:
    | { readonly kind: 'read'; readonly raster: Raster; readonly wrong: readonly string[]; readonly difference: number }
    | { readonly kind: 'refused'; readonly feature: string };
};

/** JPEG decoders differ in the inverse cosine transform and in how they widen chroma; this much is tolerated. */
export const JPEG_TOLERANCE = 4;

type Row = {
  readonly types: Set<string>;
  readonly layouts: Set<string>;
  files: number;
  levels: number;
  masks: number;
};

const JPEG_NOTE =
  `JPEG samples are within ${JPEG_TOLERANCE} of a GDAL with libjpeg-turbo. A GDAL with the IJG's libjpeg 7 or later ` +
  'enlarges subsampled chroma in another way; its colours differ from both at sharp edges.';
const COMPRESSION_NAMES: Readonly<Record<string, string>> = {
  zlib: 'deflate',
  lzw: 'LZW',
  zstd: 'zstd',
  packbits: 'PackBits',
  lerc: 'LERC',
  webp: 'WebP',
};
const DTYPE_ORDER = [
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
];

/** The section of docs/supported.md: a table by codec, the refusals by name, and the counts. The same files give the same text. */
export function formatTable(results: readonly FileResult[]): string {
  const rows = new Map<string, Row>();
  const refused = new Map<string, number>();
  for (const { outcome } of results) {
    if (outcome.kind === 'refused') refused.set(outcome.feature, (refused.get(outcome.feature) ?? 0) + 1);
    else addTo(rows, outcome.raster);
  }
  const lines = [
    '| stored as | samples | layout | files | levels | masks | result |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const [label, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) lines.push(formatRow(label, row));
  const readable = results.filter(({ gdalReads }) => gdalReads);
  const read = readable.filter(({ outcome }) => outcome.kind === 'read').length;
  const percent = ((100 * read) / readable.length).toFixed(1);
  const refusals = [...refused]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, count]) => `- ${feature}: ${count}`);
  return [
    `${results.length} files, ${readable.length} of which GDAL reads; ${read} of those are read here (${percent} %).`,
    lines.join('\n'),
    JPEG_NOTE,
    refusals.length === 0 ? 'Nothing was refused.' : `Refused, with the number of files:\n\n${refusals.join('\n')}`,
  ].join('\n\n');
}

function addTo(rows: Map<string, Row>, raster: Raster): void {
  const level = raster.levels[0]!;
  const label = codecLabel(level.codecs);
  const row = rows.get(label) ?? { types: new Set(), layouts: new Set(), files: 0, levels: 0, masks: 0 };
  rows.set(label, row);
  row.types.add(sampleLabel(level.dtype, level.codecs));
  const bandOrder = raster.bands.length === 1 ? '' : level.axes!.band === 0 ? ' planar' : ' chunky';
  row.layouts.add((level.edge === 'padded' ? 'tiles' : 'strips') + bandOrder);
  row.files++;
  row.levels += raster.levels.length;
  row.masks += raster.masks.filter((mask) => mask !== null).length;
}

function codecLabel(codecs: readonly CodecSpec[]): string {
  const parts: string[] = [];
  for (const codec of codecs) {
    if (codec.name === 'jpeg') parts.push(codec.toRgb ? 'JPEG, YCbCr' : 'JPEG');
    else if (codec.name === 'predictor') parts.push('predictor 2');
    else if (codec.name === 'float-predictor') parts.push('predictor 3');
    else if (COMPRESSION_NAMES[codec.name] !== undefined) parts.push(COMPRESSION_NAMES[codec.name]!);
  }
  return parts.length === 0 ? 'uncompressed' : parts.join(', ');
}

function sampleLabel(dtype: string, codecs: readonly CodecSpec[]): string {
  const packed = codecs.find((codec) => codec.name === 'unpack-bits');
  return packed === undefined ? dtype : `${packed.bits}-bit`;
}

function formatRow(label: string, row: Row): string {
  const rank = (type: string) =>
    DTYPE_ORDER.indexOf(type) < 0 ? Number.parseInt(type, 10) - 100 : DTYPE_ORDER.indexOf(type);
  const types = [...row.types].sort((a, b) => rank(a) - rank(b)).join(', ');
  const layouts = [...row.layouts].sort().join(', ');
  const result = label.startsWith('JPEG') ? `within ${JPEG_TOLERANCE}` : 'exact';
  return `| ${label} | ${types} | ${layouts} | ${row.files} | ${row.levels} | ${row.masks} | ${result} |`;
}
