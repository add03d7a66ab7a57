import { basename, extname } from 'node:path';
import { columnMeaning } from './column-meanings.js';
import type { LakeDescription } from './describe-lake.js';
import type { ExportFormat } from './export-format.js';
import type { ExportReport } from './export-report.js';
import { sourceUrl } from './format-card.js';

const EXTENSIONS = [
  'https://stac-extensions.github.io/table/v1.2.0/schema.json',
  'https://stac-extensions.github.io/projection/v2.0.0/schema.json',
  'https://stac-extensions.github.io/file/v2.1.0/schema.json',
];

const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  geoparquet: 'application/vnd.apache.parquet',
  flatgeobuf: 'application/vnd.flatgeobuf',
  geojson: 'application/geo+json',
  geojsonseq: 'application/geo+json-seq',
  csv: 'text/csv',
  arrow: 'application/vnd.apache.arrow.file',
  iceberg: 'application/vnd.apache.iceberg',
};

const WHOLE_EARTH = [-180, -90, 180, 90];

/** A STAC 1.1 Collection of an export that lies beside it: its columns, extent, checksum, and the sources with their licences. */
export function stacCollection(lake: LakeDescription, report: ExportReport): object {
  const file = basename(report.out);
  const id = basename(file, extname(file));
  const [first, last] = lake.days;
  return {
    type: 'Collection',
    stac_version: '1.1.0',
    stac_extensions: EXTENSIONS,
    id,
    title: id,
    description: `${report.rows} rows of photovoltaic installations, from ${lake.datasets.map(({ dataset }) => dataset).join(', ')}`,
    license: licenceOf(lake),
    providers: lake.datasets.map(({ dataset, doi, license, citation }) => ({
      name: dataset,
      description: [citation, license === null ? 'licence unknown' : `licence ${license}`].filter(Boolean).join('; '),
      roles: ['producer', 'licensor'],
      ...(isUrl(sourceUrl(doi)) ? { url: sourceUrl(doi) } : {}),
    })),
    extent: {
      spatial: { bbox: [report.bbox ?? WHOLE_EARTH] },
      temporal: { interval: [[instant(first), instant(last)]] },
    },
    ...tableFields(report),
    links: [...new Set(lake.datasets.map(({ doi }) => sourceUrl(doi)).filter(isUrl))].map((href) => ({
      rel: 'via',
      href,
    })),
    assets: { data: dataAsset(report, file) },
  };
}

function tableFields({ columns, geometryTypes, rows }: ExportReport): object {
  const geometry = columns.find(({ type }) => type.startsWith('GEOMETRY'))?.name;
  return {
    'table:columns': columns.map(({ name, type, written }) => {
      const known = columnMeaning(name);
      const told = known === null ? [] : [known.unit === null ? known.meaning : `${known.meaning}; ${known.unit}`];
      const description = [...told, ...(written === null ? [] : [`written as ${written}`])].join('; ');
      return { name, type: type.toLowerCase(), ...(description === '' ? {} : { description }) };
    }),
    'table:row_count': rows,
    ...(geometry === undefined ? {} : { 'table:primary_geometry': geometry }),
    summaries: geometry === undefined ? {} : { 'proj:code': ['OGC:CRS84'], geometry_types: geometryTypes },
  };
}

function dataAsset({ format, crs, bbox, byteLength, sha256 }: ExportReport, file: string): object {
  return {
    href: `./${encodeURIComponent(file)}`,
    type: MEDIA_TYPES[format],
    roles: ['data'],
    ...(crs === null ? {} : { 'proj:code': crs }),
    ...(bbox === null ? {} : { 'proj:bbox': bbox }),
    ...(byteLength === null ? {} : { 'file:size': byteLength }),
    // A multihash: 0x12 is SHA-256, 0x20 its length.
    ...(sha256 === null ? {} : { 'file:checksum': `1220${sha256}` }),
  };
}

/** The licence that all sources share; STAC 1.1 says `other` where they differ or one is unknown. */
function licenceOf({ datasets }: LakeDescription): string {
  const names = [...new Set(datasets.map(({ license }) => license))];
  const [only] = names;
  return names.length === 1 && only != null && /^[\w.+-]+$/.test(only) ? only : 'other';
}

function instant(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00Z`;
}

function isUrl(text: string): boolean {
  return /^https?:\/\//.test(text);
}
