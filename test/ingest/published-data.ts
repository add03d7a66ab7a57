import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultServer } from '../fault-server.js';
import { sharedPath } from '../shared.js';
import { makeTarGz, makeZip } from './fetch/make-archives.js';
import { hashOf, startRepository, zenodoFiles, zenodoRecord } from './fetch/repository-server.js';

/** The four data sets as a manifest has them, with what the documentation of each says of its columns. `api` is a mirror. */
export function manifestOf(api: string) {
  const only = (pattern: string) => ({
    file_filters: { include_patterns: [pattern], exclude_patterns: [], use_regex: true },
    api,
  });
  return {
    germany: {
      doi: '10.5281/zenodo.5005868',
      repo: 'zenodo',
      priority: 30,
      ...only('germany_photovoltaic\\.shp$'),
      field_map: { native_id: 'id' },
    },
    austria: {
      doi: 'https://doi.org/10.5281/zenodo.5005868',
      repo: 'zenodo',
      priority: 31,
      ...only('^photovoltaic\\.shp$'),
      field_map: { native_id: 'id' },
    },
    india: {
      doi: 'https://github.com/o/r/tree/main/data',
      repo: 'github',
      ...only('merged_simplified\\.geojson$'),
      priority: 40,
      expected_count: 1363,
      extent: [68, 6, 98, 37],
      field_map: {
        native_id: 'fid',
        area_src: { column: 'Area', unit: 'm2', kind: 'unknown' },
        installed: { value: '<2021-12-31' },
        setting: { value: 'ground' },
        country_iso3: { value: 'IND' },
        admin1: 'State',
      },
    },
    uspvdb: {
      doi: '10.6084/m9.figshare.1.v4',
      repo: 'figshare',
      api,
      priority: 10,
      expected_count: 3675,
      extent: [-180, 15, -60, 72],
      field_map: {
        native_id: 'case_id',
        area_src: { column: 'p_area', unit: 'm2', kind: 'site' },
        cap_ac: { column: 'p_cap_ac', unit: 'MW', kind: 'reported' },
        cap_dc: { column: 'p_cap_dc', unit: 'MW', kind: 'reported' },
        installed: 'p_year',
        observed: 'p_img_date',
        mount: {
          column: 'p_axis',
          map: {
            'fixed-tilt': 'fixed',
            'single-axis': 'single_axis',
            'dual-axis': 'dual_axis',
            'fixed-tilt,single-axis': 'mixed',
            'fixed-tilt,single-axis,dual-axis': 'mixed',
          },
        },
        tilt_deg: 'p_tilt',
        azimuth_deg: 'p_azimuth',
        setting: { value: 'ground' },
        confidence: { column: 'p_dig_conf', scale: 4 },
        country_iso3: { value: 'USA' },
        admin1: 'p_state',
      },
    },
  };
}

/** A server that answers for Zenodo, GitHub and Figshare, with the real files. */
export function startRepositories(): Promise<FaultServer> {
  const filesOf = (name: string) => {
    const path = sharedPath('data/pv', name);
    return readdirSync(path).map((file) => ({ name: file, bytes: readFileSync(join(path, file)) }));
  };
  const osm = {
    'osm.zip': makeZip(filesOf('osm-germany-austria').map((one) => ({ ...one, name: `osm/${one.name}` }))),
  };
  const [{ name, bytes }] = filesOf('uspvdb') as [{ name: string; bytes: Buffer }];
  const file = {
    id: 5,
    name,
    size: bytes.length,
    download_url: 'https://ndownloader.figshare.com/files/5',
    computed_md5: hashOf('md5', bytes),
  };
  const article = { id: 1, version: 4, size: bytes.length, license: { name: 'CC0' }, files: [file] };
  const india = makeTarGz(filesOf('india').map((one) => ({ ...one, name: `r-main/data/${one.name}` })));
  return startRepository({
    json: {
      '/api/records/5005868': (url) => zenodoRecord(url, osm),
      '/v2/articles/1/versions/4': () => article,
    },
    files: { ...zenodoFiles(osm), 'files/5': bytes, 'o/r/tar.gz/main': india },
  });
}
