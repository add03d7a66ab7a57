import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  checkManifest,
  manifestJsonSchema,
  parseManifest,
  parseManifestText,
} from '../../src/ingest/parse-manifest.js';

/** Two entries as published manifests have them. */
const PUBLISHED = {
  ind_pv_solar_farms_2022: {
    doi: 'https://raw.githubusercontent.com/microsoft/solar-farms-mapping/main/data/solar_farms_india_2021.geojson',
    repo: 'direct_download',
    compression: null,
    label_fmt: 'geojson',
    crs: 'EPSG:4326',
    geom_type: { features: 'Polygon', geometry: 'MultiPolygon' },
    label_count: '1360',
    has_imgs: false,
    paper_doi: '10.1038/s41597-022-01499-9',
    keep_cols: ['State', 'Area'],
    skip: false,
  },
  uk_crowdsourced_pv_2020: {
    doi: '10.5281/zenodo.4059881',
    repo: 'zenodo',
    label_count: 265418,
    max_mb: 100,
    skip: true,
    file_filters: { include_patterns: ['.*all.*\\.csv$'], exclude_patterns: [], use_regex: true },
  },
};

describe('a manifest', () => {
  it('is read in the published form, and below a key of its own', () => {
    for (const text of [JSON.stringify(PUBLISHED), JSON.stringify({ datasets: PUBLISHED })]) {
      const { datasets, warnings } = parseManifest(text);
      expect(datasets.map(({ name }) => name)).toEqual(Object.keys(PUBLISHED));
      expect(datasets[0]).toMatchObject({ label_count: 1360, skip: false, priority: 100, field_map: {} });
      expect(datasets[1]!.file_filters).toEqual(PUBLISHED.uk_crowdsourced_pv_2020.file_filters);
      expect(warnings).toEqual([]);
    }
  });

  it('is read where JSON has a key twice, and counts are lists', () => {
    const text =
      '{"a": {"doi": "x", "repo": "osf", "paper_title": "1", "paper_title": "2", "label_count": [1, "2"], "crs": null}}';
    expect(parseManifest(text).datasets[0]).toMatchObject({ label_count: [1, 2], crs: null });
  });

  it('that comes with the package has no fault', () => {
    const text = readFileSync(new URL('../../manifests/pv-datasets.yaml', import.meta.url), 'utf8');
    const { manifest, faults } = checkManifest(parseManifestText(text));
    expect(faults).toEqual([]);
    expect(manifest.warnings).toEqual([]);
    expect(manifest.datasets.filter(({ skip }) => !skip).length).toBeGreaterThan(7);
  });

  it('tells every fault, with the key and the fix', () => {
    const { faults, manifest } = checkManifest({
      good: { doi: 'x', repo: 'zenodo' },
      bad: { repo: 'zenodoo', field_map: { cap_ac: { column: 'p', unit: 'mW' }, tilt: 'x' } },
      'bad name!': { doi: 'x', repo: 'zenodo', checksums: { a: 'nothing' } },
    });
    expect(manifest.datasets.map(({ name }) => name)).toEqual(['good']);
    const told = faults.map(({ message }) => message).join('\n');
    for (const part of ['bad.doi', 'bad.repo', 'zenodo, figshare', 'field_map', 'bad name!', 'ALGORITHM:HEX'])
      expect(told).toContain(part);
  });

  it('warns of a key that nearly is a known one, and of no other', () => {
    const { warnings } = checkManifest({
      a: { doi: 'x', repo: 'osf', file_filter: {}, paper_title: 'x', note: 'y' },
    }).manifest;
    expect(warnings).toEqual(['a.file_filter: unknown key, did you mean "file_filters"?']);
  });

  it('is refused where it is none', () => {
    for (const text of ['[1, 2]', '', '"text"', 'a: [', '{"a": 5}'])
      expect(() => parseManifest(text)).toThrow(/invalid-spec/);
  });

  it('has a JSON Schema', () => {
    expect(JSON.stringify(manifestJsonSchema())).toContain('field_map');
  });
});
