import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whereFaults } from '../../src/ingest/check-where.js';
import { readManifest } from '../../src/ingest/choose-datasets.js';
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

  it('tells what a schema cannot: patterns, the CRS, words that are not ours, boxes upside down', () => {
    const entry = (more: object) => ({ doi: 'x', repo: 'zenodo', ...more });
    const { faults } = checkManifest({
      a: entry({ file_filters: { include_patterns: ['ok', '('], use_regex: true } }),
      b: entry({ file_filters: { include: ['*.shp'] } }),
      c: entry({ crs: 'EPSG:99999' }),
      d: entry({ extent: [0, 50, 10, 40] }),
      e: entry({ field_map: { installed: { value: 'soon' }, mount: { column: 'm', map: { x: 'fixt', y: 'fixed' } } } }),
      f: entry({
        field_map: { setting: { column: 's', map: { roof: 'roof', none: null } }, tilt_deg: { value: 120 } },
      }),
      g: entry({ field_map: { cap_dc: { value: 'many' }, country_iso3: { value: 'Germany' } } }),
      h: entry({ file_filters: { exclude_patterns: ['(?<a'], use_regex: true }, label_files: ['[a'] }),
    });
    const told = faults.map(({ problem }) => (problem.kind === 'invalid-spec' ? problem.path : problem.kind));
    expect(told).toEqual([
      'a.file_filters.include_patterns.1',
      'b.file_filters.include',
      'c.crs',
      'd.extent',
      'e.field_map.installed.value',
      'e.field_map.mount.map.x',
      'f.field_map.tilt_deg.value',
      'f.field_map.setting.map.roof',
      'g.field_map.cap_dc.value',
      'g.field_map.country_iso3.value',
      'h.file_filters.exclude_patterns.0',
      'h.label_files.0',
    ]);
    const words = faults.map(({ message }) => message).join('\n');
    for (const part of ['"include_patterns"', 'EPSG:99999', 'south below north', '2017Q4', 'single_axis', 'rooftop'])
      expect(words).toContain(part);
  });

  it('accepts patterns, systems and words that are right', () => {
    const { faults, manifest } = checkManifest({
      a: {
        doi: 'x',
        repo: 'osf',
        crs: 'EPSG:4269',
        extent: [170, -50, -170, -30],
        label_files: ['(train|test)/*.txt', '*.png'],
        label_fmt: ['yolo_fmt', 'GeoJSON', '.shp', 'shapefile'],
        field_map: {
          installed: { value: '<2016-06' },
          observed: { value: 2019 },
          mount: { column: 'm', map: { a: 'Fixed', b: null } },
          country_iso3: { value: 'de' },
          confidence: { value: 3, scale: 4 },
          azimuth_deg: { column: 'a', map: { S: 180, N: '0' } },
        },
      },
    });
    expect(faults).toEqual([]);
    expect(manifest.warnings).toEqual([]);
  });

  it('tells an expression of `where` that is none', async () => {
    const entry = (where: string) => ({ doi: 'x', repo: 'zenodo', where });
    const { manifest } = checkManifest({
      a: entry('status IS NULL OR'),
      b: entry("area > 3 AND name = 'x' -- that is all"),
      c: entry('true); DROP TABLE labels; SELECT (1'),
    });
    const faults = await whereFaults(manifest);
    expect(faults.map(({ message }) => message.split('\n')[0])).toEqual([
      expect.stringMatching(/a\.where.*syntax error/),
      expect.stringMatching(/c\.where.*several statements/),
    ]);
    await expect(readManifest({ manifest: { a: entry('(') } })).rejects.toThrow(/invalid-spec.*a\.where/);
  });

  it('warns of a format that is not known', () => {
    const { warnings } = checkManifest({ a: { doi: 'x', repo: 'osf', label_fmt: ['shp', 'tfrecord'] } }).manifest;
    expect(warnings).toEqual([expect.stringMatching(/^a\.label_fmt: "tfrecord"/)]);
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
