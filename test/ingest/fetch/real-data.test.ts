import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fetchDataset } from '../../../src/ingest/fetch/fetch-dataset.js';
import type { FetchRequest } from '../../../src/ingest/fetch/remote-file.js';
import { readLabels } from '../../../src/vector/read-labels.js';
import type { FaultServer } from '../../fault-server.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { hasShared, sharedPath } from '../../shared.js';
import { makeTarGz, makeZip } from './make-archives.js';
import { hashOf, startRepository, zenodoFiles, zenodoRecord } from './repository-server.js';

describe.skipIf(!hasShared)('real datasets, served as their repositories would', () => {
  const folder = temporaryFolder();
  const servers: FaultServer[] = [];
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  const filesOf = (name: string) => {
    const path = sharedPath('data/pv', name);
    return readdirSync(path).map((file) => ({ name: file, bytes: readFileSync(join(path, file)) }));
  };
  const fetch = async (request: FetchRequest, server: FaultServer) => {
    servers.push(server);
    return fetchDataset({ ...request, api: server.url }, { cacheDir: join(folder, 'cache') });
  };
  const count = async (path: string) => (await readLabels({ path, h3: null })).labels.length;

  it('Germany, a shapefile in a zip at Zenodo', async () => {
    const files = {
      'osm.zip': makeZip(filesOf('osm-germany-austria').map((one) => ({ ...one, name: `osm/${one.name}` }))),
    };
    const server = await startRepository({
      json: { '/api/records/5005868': (url) => zenodoRecord(url, files) },
      files: zenodoFiles(files),
    });
    const filters = { include: ['germany_.*\\.shp$'], useRegex: true };
    const { files: fetched } = await fetch({ repo: 'zenodo', id: '10.5281/zenodo.5005868', filters }, server);
    expect(fetched.map(({ name }) => name.split('.').at(-1))).toEqual(['cpg', 'dbf', 'prj', 'shp', 'shx']);
    expect(await count(fetched.find(({ name }) => name.endsWith('.shp'))!.path)).toBe(
      await count(sharedPath('data/pv/osm-germany-austria/germany_photovoltaic.shp')),
    );
  });

  it('India, GeoJSON in a folder at GitHub', async () => {
    const members = filesOf('india').map((one) => ({ ...one, name: `r-main/data/${one.name}` }));
    const server = await startRepository({ files: { 'o/r/tar.gz/main': makeTarGz(members) } });
    const id = 'https://github.com/o/r/tree/main/data';
    const { files } = await fetch({ repo: 'github', id, filters: { include: ['*_merged_*.geojson'] } }, server);
    expect(files.map(({ name }) => name)).toEqual(['data/solar_farms_india_2021_merged_simplified.geojson']);
    expect(await count(files[0]!.path)).toBe(1363);
  });

  it('the land cover of USPVDB, a CSV at Figshare', async () => {
    const [{ name, bytes }] = filesOf('uspvdb') as [{ name: string; bytes: Buffer }];
    const md5 = hashOf('md5', bytes);
    const file = {
      id: 5,
      name,
      size: bytes.length,
      download_url: 'https://ndownloader.figshare.com/files/5',
      computed_md5: md5,
    };
    const article = { id: 1, version: 4, size: bytes.length, license: { name: 'CC0' }, files: [file] };
    const server = await startRepository({
      json: { '/v2/articles/1/versions/4': () => article },
      files: { 'files/5': bytes },
    });
    const { files } = await fetch({ repo: 'figshare', id: '10.6084/m9.figshare.1.v4' }, server);
    expect(files).toMatchObject([{ name, size: bytes.length, sha256: hashOf('sha256', bytes) }]);
  });
});
