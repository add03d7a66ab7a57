import { afterEach, describe, expect, it } from 'vitest';
import { isCubeError } from '../../../src/errors.js';
import { resolveRecord } from '../../../src/ingest/fetch/resolve-record.js';
import type { FetchRequest } from '../../../src/ingest/fetch/remote-file.js';
import { seeded, type FaultServer } from '../../fault-server.js';
import { hashOf, startRepository, zenodoRecord, type RepositoryServerOptions } from './repository-server.js';

const bytes = Buffer.from('abc');
const md5 = hashOf('md5', bytes);
const sha256 = hashOf('sha256', bytes);
const servers: FaultServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(options: RepositoryServerOptions): Promise<FaultServer> {
  const server = await startRepository(options);
  servers.push(server);
  return server;
}

/** Resolve at a server that speaks these answers. */
async function resolve(
  request: FetchRequest,
  json: RepositoryServerOptions['json'],
  more: RepositoryServerOptions = {},
) {
  const server = await serve({ ...more, json: json! });
  const record = await resolveRecord({ api: server.url, ...request }, { retries: { attempts: 1 } });
  return { record, server };
}

describe('Zenodo', () => {
  const files = { 'PV_1.shp': bytes };
  const json = { '/api/records/5005868': (url: string) => zenodoRecord(url, files) };

  it.each([
    '5005868',
    '10.5281/zenodo.5005868',
    'https://doi.org/10.5281/zenodo.5005868',
    'https://zenodo.org/records/5005868',
  ])('knows the record %s', async (id) => {
    const { record, server } = await resolve({ repo: 'zenodo', id }, json);
    expect(record).toEqual({
      version: '1.0',
      license: 'cc-by-4.0',
      files: [
        {
          name: 'PV_1.shp',
          url: `${server.url}api/records/5005868/files/PV_1.shp/content`,
          size: 3,
          checksum: { algorithm: 'md5', value: md5 },
        },
      ],
    });
  });

  it('follows the DOI of all versions to the newest', async () => {
    const { record } = await resolve({ repo: 'zenodo', id: '10.5281/zenodo.5005867' }, json, {
      redirects: { '/api/records/5005867': '/api/records/5005868' },
    });
    expect(record.version).toBe('1.0');
  });

  it('finds a version by its text or id, over pages', async () => {
    const versions = (url: string) => ({
      hits: { total: 2, hits: [zenodoRecord(url, files)] },
      links: { next: 'https://zenodo.org/api/records/5005868/versions?size=25&page=2' }, // a mirror answers for it
    });
    const more = (url: string) => ({
      hits: { hits: [zenodoRecord(url, files, { id: 7, version: '0.9' })] },
      links: {},
    });
    const pages = {
      ...json,
      '/api/records/5005868/versions?size=25': versions,
      '/api/records/5005868/versions?size=25&page=2': more,
    };
    for (const version of ['0.9', '7']) {
      const { record } = await resolve({ repo: 'zenodo', id: '5005868', version }, pages);
      expect(record.files[0]!.url).toContain('/api/records/7/');
    }
    await expect(resolve({ repo: 'zenodo', id: '5005868', version: '3' }, pages)).rejects.toMatchObject({
      problem: { kind: 'no-data', what: 'record 5005868 of Zenodo has no version "3"', fix: 'it has 1.0, 0.9' },
    });
  });

  it('reads the older form of a record', async () => {
    const old = () => ({
      id: 5005868,
      metadata: { license: 'CC0-1.0' },
      files: [
        { filename: 'a b.csv', filesize: 3, checksum: md5, links: { download: 'https://zenodo.org/x/a%20b.csv' } },
      ],
    });
    const { record, server } = await resolve({ repo: 'zenodo', id: '5005868' }, { '/api/records/5005868': old });
    expect(record).toMatchObject({ version: '5005868', license: 'CC0-1.0' });
    expect(record.files).toEqual([
      { name: 'a b.csv', url: `${server.url}x/a%20b.csv`, size: 3, checksum: { algorithm: 'md5', value: md5 } },
    ]);
  });

  it('says that a record is restricted', async () => {
    const closed = () => ({ id: 5005868, metadata: { access_right: 'restricted' } });
    await expect(resolve({ repo: 'zenodo', id: '5005868' }, { '/api/records/5005868': closed })).rejects.toThrow(
      'no-data: record 5005868 of Zenodo shows no files (restricted access)',
    );
  });

  it.each<[string, (record: Record<string, unknown>) => unknown, string]>([
    ['no object', () => [], 'the record is no object'],
    ['no files', (one) => ({ ...one, files: undefined }), 'files is no list'],
    ['a size that is none', (one) => ({ ...one, files: [{ ...first(one), size: -1 }] }), 'files[0].size is no size'],
    ['a name that is none', (one) => ({ ...one, files: [{ ...first(one), key: 7 }] }), 'files[0].key is no text'],
    [
      'a checksum that is none',
      (one) => ({ ...one, files: [{ ...first(one), checksum: 'md5:zz' }] }),
      'is no checksum',
    ],
    ['no link', (one) => ({ ...one, files: [{ ...first(one), links: {} }] }), 'files[0].links.self is no text'],
    ['two files of a name', (one) => ({ ...one, files: [first(one), first(one)] }), 'two files named "PV_1.shp"'],
    ['a name that leads out', (one) => ({ ...one, files: [{ ...first(one), key: '../x' }] }), 'lies outside'],
    ['a drive', (one) => ({ ...one, files: [{ ...first(one), key: 'C:x' }] }), 'lies outside'],
    ['control characters', (one) => ({ ...one, files: [{ ...first(one), key: 'a\nb' }] }), 'control characters'],
    [
      'a local file',
      (one) => ({ ...one, files: [{ ...first(one), links: { self: 'file:///etc/passwd' } }] }),
      'local files',
    ],
    [
      'a private address',
      (one) => ({ ...one, files: [{ ...first(one), links: { self: 'http://10.0.0.1/' } }] }),
      'private address',
    ],
  ])('refuses %s', async (_, change, what) => {
    const json = {
      '/api/records/5005868': (url: string) => change(zenodoRecord(url, files) as Record<string, unknown>),
    };
    await expect(resolve({ repo: 'zenodo', id: '5005868' }, json)).rejects.toThrow(what);
  });

  it('refuses what is of somebody else', async () => {
    await expect(resolve({ repo: 'zenodo', id: 'https://example.com/1' }, json)).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
    await expect(resolve({ repo: 'zenodo', id: '99' }, json)).rejects.toMatchObject({ problem: { kind: 'not-found' } });
  });
});

function first(record: Record<string, unknown>): Record<string, unknown> {
  return (record['files'] as Record<string, unknown>[])[0]!;
}

describe('Figshare', () => {
  const file = (id: number, name: string) => ({
    id,
    name,
    size: 3,
    is_link_only: false,
    download_url: `https://ndownloader.figshare.com/files/${id}`,
    supplied_md5: md5,
    computed_md5: md5,
    mimetype: 'application/json',
  });
  const article = (version: number, size = 3) => ({
    id: 11310269,
    version,
    title: 'Harmonised solar farms',
    doi: `10.6084/m9.figshare.11310269.v${version}`,
    size,
    license: { value: 1, name: 'CC BY 4.0', url: 'https://creativecommons.org/licenses/by/4.0/' },
    files: [file(21, 'a.gpkg')],
  });

  it.each([
    ['10.6084/m9.figshare.11310269.v6', undefined],
    ['10.6084/m9.figshare.11310269', '6'],
    ['https://figshare.com/articles/dataset/Harmonised/11310269/6', undefined],
    ['https://figshare.com/articles/dataset/2019/11310269/6?x=1', undefined],
    ['11310269', 'v6'],
  ])('knows a version of %s', async (id, version) => {
    const json = { '/v2/articles/11310269/versions/6': () => article(6) };
    const { record, server } = await resolve(
      { repo: 'figshare', id, ...(version === undefined ? {} : { version }) },
      json,
    );
    expect(record).toEqual({
      version: '6',
      license: 'CC BY 4.0',
      files: [{ name: 'a.gpkg', url: `${server.url}files/21`, size: 3, checksum: { algorithm: 'md5', value: md5 } }],
    });
  });

  it('takes the newest version where none is named, and asks for the files that the article leaves out', async () => {
    const { record } = await resolve(
      { repo: 'figshare', id: '11310269' },
      {
        '/v2/articles/11310269': () => article(7, 6),
        '/v2/articles/11310269/versions/7/files?page=1&page_size=1000': () => [file(21, 'a.gpkg'), file(22, 'b.gpkg')],
      },
    );
    expect(record.version).toBe('7');
    expect(record.files.map(({ name }) => name)).toEqual(['a.gpkg', 'b.gpkg']);
  });

  it('refuses collections and versions that are no numbers', async () => {
    await expect(resolve({ repo: 'figshare', id: '10.6084/m9.figshare.c.3255643.v1' }, {})).rejects.toThrow(
      'collections',
    );
    await expect(resolve({ repo: 'figshare', id: '1', version: 'new' }, {})).rejects.toThrow('are numbers, not "new"');
  });
});

describe('the Open Science Framework', () => {
  const entry = (path: string, hashes: object) => ({
    id: '5f0',
    type: 'files',
    attributes: {
      name: path.split('/').at(-1),
      kind: 'file',
      path: '/5f0',
      materialized_path: path,
      size: 3,
      extra: { hashes },
    },
    links: { download: `https://osf.io/download/${path.replaceAll('/', '')}/` },
  });
  const folder = (name: string, href: string) => ({
    attributes: { name, kind: 'folder', materialized_path: `/${name}/`, size: null },
    relationships: { files: { links: { related: { href, meta: {} } } } },
    links: {},
  });
  const node = () => ({ data: { id: 'abc12', embeds: { license: { data: { attributes: { name: 'CC-By 4.0' } } } } } });
  const page =
    (data: unknown[], next: string | null = null) =>
    () => ({ data, links: { first: null, last: null, prev: null, next } });

  it('lists pages and folders', async () => {
    const { record, server } = await resolve(
      { repo: 'osf', id: '10.17605/OSF.IO/ABC12' },
      {
        '/v2/nodes/abc12/?embed=license': node,
        '/v2/nodes/abc12/files/osfstorage/': page(
          [folder('in', 'https://api.osf.io/v2/nodes/abc12/files/osfstorage/9/'), entry('/a.zip', { md5 })],
          'https://api.osf.io/v2/nodes/abc12/files/osfstorage/?page=2',
        ),
        '/v2/nodes/abc12/files/osfstorage/?page=2': page([entry('/b.zip', { md5, sha256 })]),
        '/v2/nodes/abc12/files/osfstorage/9/': page([entry('/in/c.csv', {})]),
      },
    );
    expect(record).toMatchObject({ version: null, license: 'CC-By 4.0' });
    expect(record.files).toEqual([
      { name: 'a.zip', url: `${server.url}download/a.zip/`, size: 3, checksum: { algorithm: 'md5', value: md5 } },
      { name: 'in/c.csv', url: `${server.url}download/inc.csv/`, size: 3, checksum: null },
      { name: 'b.zip', url: `${server.url}download/b.zip/`, size: 3, checksum: { algorithm: 'sha256', value: sha256 } },
    ]);
  });

  it('does not go round in circles, and has no versions', async () => {
    const circle = {
      '/v2/nodes/abc12/?embed=license': node,
      '/v2/nodes/abc12/files/osfstorage/': page([], 'https://api.osf.io/v2/nodes/abc12/files/osfstorage/'),
    };
    await expect(resolve({ repo: 'osf', id: 'abc12' }, circle)).rejects.toThrow('round in circles');
    await expect(resolve({ repo: 'osf', id: 'abc12', version: '2' }, {})).rejects.toThrow(
      'unsupported: versions of nodes',
    );
  });
});

describe('ScienceBase', () => {
  const id = '57a0ce54e4b006cb45552d3d';
  const file = (name: string) => ({
    name,
    contentType: 'application/zip',
    pathOnDisk: `__disk__/${name}`,
    url: `https://www.sciencebase.gov/catalog/file/get/${id}?f=__disk__%2F${name}`,
    size: 3,
    checksum: { value: md5.toUpperCase(), type: 'MD5' },
  });
  const item = {
    id,
    files: [file('a.zip')],
    facets: [{ className: 'ShapefileFacet', files: [file('a.zip'), file('b.shp')] }],
  };

  it('knows an item by its id, its URL and its DOI', async () => {
    const json = {
      [`/catalog/item/${id}?format=json`]: () => ({ ...item, provenance: { lastUpdated: '2020-08-18T17:00:00Z' } }),
      '/api/handles/10.5066/F7MS3QN0': () => ({
        responseCode: 1,
        values: [
          {
            index: 1,
            type: 'URL',
            data: { format: 'string', value: `https://www.sciencebase.gov/catalog/item/${id}` },
          },
        ],
      }),
    };
    for (const name of [id, `https://www.sciencebase.gov/catalog/item/${id}`, 'doi:10.5066/F7MS3QN0']) {
      const { record, server } = await resolve({ repo: 'sciencebase', id: name }, json);
      expect(record).toEqual({
        version: '2020-08-18T17:00:00Z',
        license: null,
        files: ['a.zip', 'b.shp'].map((one) => ({
          name: one,
          url: `${server.url}catalog/file/get/${id}?f=__disk__%2F${one}`,
          size: 3,
          checksum: { algorithm: 'md5', value: md5 },
        })),
      });
    }
  });
});

describe('Hugging Face', () => {
  const commit = '0123456789abcdef0123456789abcdef01234567';
  const tree = `/api/datasets/org/pv/tree/${commit}?recursive=true`;
  const small = { type: 'file', oid: hashOf('sha1', `blob 3\0abc`), size: 3, path: 'README.md' };
  const large = {
    type: 'file',
    oid: '1'.repeat(40),
    size: 130,
    path: 'data/a b.parquet',
    lfs: { oid: sha256, size: 3, pointerSize: 130 },
  };
  const json = {
    '/api/datasets/org/pv/revision/main': () => ({ id: 'org/pv', sha: commit, cardData: { license: 'mit' } }),
    '/api/datasets/org/pv/revision/v2': () => ({ id: 'org/pv', sha: commit, cardData: { license: ['mit', 'odbl'] } }),
    [tree]: () => [{ type: 'directory', oid: '2'.repeat(40), size: 0, path: 'data' }, small],
    [`${tree}&cursor=abc`]: () => [large],
  };
  const headers = { [tree]: () => ({ link: `<https://huggingface.co${tree}&cursor=abc>; rel="next"` }) };

  it('lists a commit over pages', async () => {
    const { record, server } = await resolve({ repo: 'huggingface', id: 'org/pv' }, json, { headers });
    const at = `${server.url}datasets/org/pv/resolve/${commit}`;
    expect(record).toEqual({
      version: commit,
      license: 'mit',
      files: [
        { name: 'README.md', url: `${at}/README.md`, size: 3, checksum: { algorithm: 'git-sha1', value: small.oid } },
        {
          name: 'data/a b.parquet',
          url: `${at}/data/a%20b.parquet`,
          size: 3,
          checksum: { algorithm: 'sha256', value: sha256 },
        },
      ],
    });
  });

  it('takes revision and folder from a URL', async () => {
    const id = 'https://huggingface.co/datasets/org/pv/tree/v2/data';
    const { record } = await resolve({ repo: 'huggingface', id }, json, { headers });
    expect(record).toMatchObject({ license: 'mit, odbl', files: [{ name: 'data/a b.parquet' }] });
  });
});

describe('GitHub', () => {
  it.each([
    ['o/r', 'HEAD', ''],
    ['https://github.com/o/r.git', 'HEAD', ''],
    ['https://github.com/o/r/', 'HEAD', ''],
    ['https://github.com/o/r/tree/main/data/vector%20maps/', 'main', 'data/vector maps'],
    ['https://github.com/o/r/blob/v1.0/data/a.geojson', 'v1.0', 'data/a.geojson'],
    ['https://raw.githubusercontent.com/o/r/refs/heads/main/a.json', 'main', 'a.json'],
    ['https://github.com/o/r/archive/refs/tags/v2.zip', 'v2', ''],
    ['https://codeload.github.com/o/r/zip/refs/heads/dev', 'dev', ''],
  ])('makes one archive of %s', async (id, ref, under) => {
    const { record, server } = await resolve({ repo: 'github', id }, {});
    expect(record).toEqual({
      version: ref,
      license: null,
      files: [
        { name: `r-${ref}.tar.gz`, url: `${server.url}o/r/tar.gz/${ref}`, size: null, checksum: null, tree: { under } },
      ],
    });
    expect(server.requests).toEqual([]);
  });

  it('takes a branch with a slash by its version, and files of releases as they are', async () => {
    const { record, server } = await resolve({ repo: 'github', id: 'o/r', version: 'a/b' }, {});
    expect(record.files[0]!).toMatchObject({ name: 'r-a-b.tar.gz', url: `${server.url}o/r/tar.gz/a/b` });
    const asset = await resolve({ repo: 'github', id: 'https://github.com/o/r/releases/download/v1/x.zip' }, {});
    expect(asset.record).toMatchObject({ version: 'v1', files: [{ name: 'x.zip' }] });
  });

  it.each(['https://gitlab.com/o/r', 'r', 'o/r/../x'])('refuses %s', async (id) => {
    await expect(resolve({ repo: 'github', id }, {})).rejects.toMatchObject({ problem: { kind: 'invalid-argument' } });
  });
});

describe('a direct download', () => {
  it('is one file under the last part of its path', async () => {
    const { record, server } = await resolve(
      { repo: 'direct_download', id: 'https://example.com/x/a%20b.zip?key=1' },
      {},
    );
    expect(record.files).toEqual([
      { name: 'a b.zip', url: `${server.url}x/a%20b.zip?key=1`, size: null, checksum: null },
    ]);
  });

  it.each(['/tmp/x.zip', 'ftp://example.com/x.zip', 'file:///x.zip'])('refuses %s', async (id) => {
    await expect(resolveRecord({ repo: 'direct_download', id })).rejects.toMatchObject({
      problem: { kind: 'invalid-argument' },
    });
  });
});

describe('hostile answers', () => {
  const link = { links: { related: { href: 'https://api.osf.io/v2/nodes/abc12/files/osfstorage/9/' } } };
  const attributes = { kind: 'file', name: 'a', materialized_path: '/a', size: 3, extra: { hashes: { md5, sha256 } } };
  const sound: [FetchRequest, Record<string, unknown>][] = [
    [
      { repo: 'zenodo', id: '5005868', version: '9' },
      {
        '/api/records/5005868': zenodoRecord('https://zenodo.org/', { 'a.zip': bytes }),
        '/api/records/5005868/versions?size=25': {
          hits: { hits: [zenodoRecord('https://zenodo.org/', { 'a.zip': bytes }, { version: '9' })] },
          links: { next: 'https://zenodo.org/api/records/5005868/versions?size=25&page=2' },
        },
      },
    ],
    [
      { repo: 'figshare', id: '1' },
      {
        '/v2/articles/1': {
          version: 2,
          size: 9,
          license: { name: 'CC0' },
          files: [{ name: 'a', size: 3, download_url: 'https://ndownloader.figshare.com/files/1', computed_md5: md5 }],
        },
        '/v2/articles/1/versions/2/files?page=1&page_size=1000': [
          { name: 'a', size: 3, download_url: 'https://ndownloader.figshare.com/files/1', computed_md5: md5 },
        ],
      },
    ],
    [
      { repo: 'osf', id: 'abc12' },
      {
        '/v2/nodes/abc12/?embed=license': { data: { embeds: { license: { data: { attributes: { name: 'x' } } } } } },
        '/v2/nodes/abc12/files/osfstorage/': {
          data: [{ attributes: { kind: 'folder' }, relationships: { files: link } }],
          links: { next: null },
        },
        '/v2/nodes/abc12/files/osfstorage/9/': {
          data: [{ attributes, links: { download: 'https://osf.io/download/1/' } }],
        },
      },
    ],
    [
      { repo: 'huggingface', id: 'o/d' },
      {
        '/api/datasets/o/d/revision/main': { sha: '1'.repeat(40), cardData: { license: ['mit'] } },
        [`/api/datasets/o/d/tree/${'1'.repeat(40)}?recursive=true`]: [
          { type: 'file', path: 'a', size: 3, oid: '2'.repeat(40), lfs: { oid: sha256, size: 3 } },
        ],
      },
    ],
    [
      { repo: 'sciencebase', id: '57a0ce54e4b006cb45552d3d' },
      {
        '/catalog/item/57a0ce54e4b006cb45552d3d?format=json': {
          provenance: { lastUpdated: 'x' },
          facets: [{ files: [] }],
          files: [{ name: 'a', url: 'https://www.sciencebase.gov/x', size: 3, checksum: { type: 'MD5', value: md5 } }],
        },
      },
    ],
  ];
  const junk: unknown[] = [
    null,
    7,
    -1.5,
    1e300,
    '',
    'x'.repeat(5000),
    '../..',
    'http://[',
    true,
    [],
    {},
    [[]],
    { a: {} },
  ];

  it.each(sound)('of %j give a record or a CubeError', async (request, answers) => {
    const random = seeded(23);
    let wrong: Record<string, unknown> = answers;
    const json = Object.fromEntries(Object.keys(answers).map((path) => [path, () => wrong[path]]));
    const server = await serve({ json });
    const ask = () => resolveRecord({ ...request, api: server.url }, { retries: { attempts: 1 } });
    if (request.version === undefined) await ask(); // the untouched answers are sound
    for (let round = 0; round < 150; round++) {
      wrong = structuredClone(answers);
      const path = Object.keys(answers)[Math.floor(random() * Object.keys(answers).length)]!;
      wrong[path] = mutate(wrong[path], random, junk);
      await ask().catch((error: unknown) => {
        if (!isCubeError(error)) throw error;
      });
    }
  });
});

/** The value with one part of it replaced, or taken away. */
function mutate(value: unknown, random: () => number, junk: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return junk[Math.floor(random() * junk.length)];
  const keys = Object.keys(value);
  if (keys.length === 0) return junk[Math.floor(random() * junk.length)];
  const key = keys[Math.floor(random() * keys.length)]!;
  const members = value as Record<string, unknown>;
  if (random() < 0.1) delete members[key];
  else members[key] = mutate(members[key], random, junk);
  return value;
}

describe('checksums of the manifest', () => {
  it('win over published ones', async () => {
    const json = { '/api/records/5005868': (url: string) => zenodoRecord(url, { 'a.shp': bytes }) };
    const { record } = await resolve(
      { repo: 'zenodo', id: '5005868', checksums: { 'a.shp': `sha256:${sha256}` } },
      json,
    );
    expect(record.files[0]!.checksum).toEqual({ algorithm: 'sha256', value: sha256 });
  });
});
