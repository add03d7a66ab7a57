import { describe, expect, it } from 'vitest';
import { checkStacManifest, isStacManifest, stacManifestJsonSchema } from '../../../src/ingest/stac/parse-manifest.js';
import { sourceOfEntry } from '../../../src/ingest/stac/source.js';

const published = {
  maxar: {
    display_name: 'Maxar',
    catalog_type: 'static',
    catalog_uri: 'https://maxar-opendata.s3.amazonaws.com/events/catalog.json',
    include_collections: ['maxar-open-data'],
    search_parameters: {
      max_cloud_cover: 10,
      date_range: '2020-01-01/2024-12-31',
      buffer_meters: 500,
      max_items_per_location: 5,
    },
    cql_filter: 'eo:cloud_cover < 10',
    priority: 3,
  },
  satellogic: {
    catalog_type: 'static',
    catalog_uri: 'https://satellogic.example/catalog.json',
    parquet_uri: 's3://satellogic/items.parquet',
    include_collections: ['satellogic'],
  },
  hls: { provider: 'planetary-computer', include_collections: ['hls2-l30'] },
};

describe('a manifest of catalogues', () => {
  it('in the published format means this', () => {
    const { manifest, faults } = checkStacManifest(published);
    expect(faults).toEqual([]);
    expect(manifest.warnings).toEqual([]);
    const [maxar, satellogic, hls] = manifest.sources.map((entry) => sourceOfEntry(entry, '/m', {}));
    // The name that manifests have for the whole catalogue is none of its collections.
    expect(maxar).toMatchObject({ collections: null, maxCloudCover: 10, bufferM: 500, maxItems: 5, priority: 3 });
    expect(satellogic).toMatchObject({
      href: 's3://satellogic/items.parquet',
      collections: ['satellogic'],
      priority: 100,
    });
    expect(hls!.href).toBe('https://planetarycomputer.microsoft.com/api/stac/v1');
    expect(sourceOfEntry(manifest.sources[0]!, '/m', { maxItems: 1, datetime: '2024' })).toMatchObject({
      maxItems: 1,
      datetime: '2024',
    });
  });

  it('tells every fault, with its place', () => {
    const { faults, manifest } = checkStacManifest({
      a: { catalog_uri: '', priority: 0 },
      b: { include_collections: ['x'] },
      c: {
        catalog_uri: 'x',
        cql_filter: 'eo:cloud_cover <',
        search_parameters: { date_range: 'soon', max_cloud_cover: 200 },
      },
      d: { catalog_uri: 'x', cql_filter: 'a +', search_parameters: { date_range: '2024/2020' }, bbox: [0, 5, 1, 2] },
      e: { catalog_uri: 'x', catalog_typ: 'api' },
    });
    expect(faults.map(({ message }) => message)).toEqual([
      expect.stringContaining('a.catalog_uri'),
      expect.stringContaining('a.priority'),
      expect.stringContaining('b: expected catalog_uri, parquet_uri or provider'),
      expect.stringContaining('c.search_parameters.max_cloud_cover'),
      expect.stringMatching(/^invalid-spec: d\.cql_filter: .*arithmetic/),
      expect.stringContaining('d.search_parameters.date_range: "2024/2020" ends before it begins'),
      expect.stringContaining('d.bbox'),
    ]);
    expect(manifest.warnings).toEqual(['e.catalog_typ: unknown key, did you mean "catalog_type"?']);
    expect(checkStacManifest([]).faults).toHaveLength(1);
  });

  it('is told from a STAC document', () => {
    expect(isStacManifest(published)).toBe(true);
    expect(isStacManifest({ type: 'Catalog', stac_version: '1.0.0', links: [] })).toBe(false);
    expect(isStacManifest({ features: [] })).toBe(false);
    expect(JSON.stringify(stacManifestJsonSchema())).toContain('max_items_per_location');
  });
});
