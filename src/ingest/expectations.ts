import type { Feature } from './feature.js';
import type { ManifestDataset } from './parse-manifest.js';

/** What a manifest says of a data set before it is read, and what was read. */
export type WasRead = { readonly records: number; readonly kinds: ReadonlySet<Feature['geomKind']> };

/** Where the rows are not what the manifest expects: their count, the kind of their geometries. */
export function unexpected(dataset: ManifestDataset, { records, kinds }: WasRead): string[] {
  const expected = countsOf(dataset);
  const told = geometryKinds(dataset.geom_type);
  const isOther = kinds.size > 0 && told.size > 0 && [...kinds].every((kind) => !told.has(kind));
  return [
    ...(expected.length === 0 || expected.includes(records)
      ? []
      : [`${records} records, the manifest expects ${expected.join(' or ')}`]),
    ...(isOther
      ? [`all geometries are ${[...kinds].join(', ')}, the manifest's geom_type is ${[...told].join(', ')}`]
      : []),
  ];
}

/** `expected_count` wins. A list of `label_count` is of parts: their sum is right, and so is one of them, for filters may leave one. */
function countsOf({ expected_count: exact, label_count: published }: ManifestDataset): number[] {
  if (exact != null) return [exact];
  if (published == null) return [];
  if (typeof published === 'number') return [published];
  return [...new Set([...published, published.reduce((sum, count) => sum + count, 0)])];
}

/** Of names such as MultiPolygon, as they stand in a word, a list, or a mapping; lines and other words say nothing. */
function geometryKinds(type: ManifestDataset['geom_type']): ReadonlySet<Feature['geomKind']> {
  const words = typeof type === 'string' ? [type] : type == null ? [] : Object.values(type);
  const kinds = new Set<Feature['geomKind']>();
  for (const word of words) {
    if (typeof word !== 'string') continue;
    if (/point/i.test(word)) kinds.add('point');
    else if (/polygon|box/i.test(word)) kinds.add('polygon');
    else return new Set();
  }
  return kinds;
}
