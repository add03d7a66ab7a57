import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { codeVersion } from '../../src/build/code-version.js';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { makeSample } from '../../src/sample/make-sample.js';
import { temporaryFolder } from '../lake/temporary.js';
import { runCube } from './run-cube.js';

const folder = temporaryFolder();
const COMMANDS = ['build', 'ingest', 'export', 'card', 'inspect', 'read', 'stats', 'doctor'];
/** Stands for the scene where its name is not known yet. */
const scene0 = 'SCENE';
let scene = '';
let item = '';

beforeAll(async () => {
  await makeSample(join(folder, 'sample'), { size: 256, labels: 12 });
  const names = readdirSync(join(folder, 'sample'), { recursive: true, encoding: 'utf8' }).sort();
  scene = join(
    'sample',
    names.find((name) => name.endsWith('red.tif'))!,
  );
  const items = names.filter((name) => name.endsWith('.json') && readText(name).includes('"Feature"'));
  item = join(
    'sample',
    items.find((name) => readText(name).includes('red.tif'))!,
  );
});

function readText(name: string): string {
  return readFileSync(join(folder, 'sample', name), 'utf8');
}

const run = (...parameters: string[]) => runCube(parameters, { cwd: folder });

describe('cube', () => {
  it('says its version and what it can do', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, stdout: `${codeVersion()}\n`, stderr: '' });
    const help = await run('--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const name of COMMANDS) expect(help.stdout).toContain(`\n  ${name} `);
  });

  it.each(COMMANDS)('%s --help has examples', async (name) => {
    const help = await run(name, '--help');
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toMatch(new RegExp(`\\nExamples:\\n  cube ${name}`));
  });

  it.each([
    [[]],
    [['biuld']],
    [['build']],
    [['read', 'x.tif']],
    [['stats', 'labels.geojson']],
    [['inspect', 'x.tif', '--colour']],
    [['doctor', 'who']],
  ])('wrong usage %j leaves with 2, and with words on stderr', async (parameters) => {
    const wrong = await run(...parameters);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).not.toBe('');
    const json = await run(...parameters, '--json');
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { kind: 'invalid-argument' } });
  });
});

describe('cube inspect', () => {
  it('shows a GeoTIFF', async () => {
    const text = await run('inspect', scene);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/crs +EPSG:326/);
    const json = await run('inspect', scene, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({ driver: 'geotiff', crs: { kind: 'epsg' } });
  });

  it('shows a STAC item, with what cannot be read of it', async () => {
    const changed = JSON.parse(readFileSync(join(folder, item), 'utf8')) as { assets: Record<string, unknown> };
    changed.assets['gone'] = { href: './gone.tif', type: 'image/tiff' };
    const path = item.replace(/[^/]+$/, 'changed.json');
    writeFileSync(join(folder, path), JSON.stringify(changed));
    const json = await run('inspect', path, '--json');
    expect(json).toMatchObject({ code: 0, stderr: '' });
    const { assets } = JSON.parse(json.stdout) as { assets: { asset: string; summary: object; problem: object }[] };
    expect(assets.find(({ asset }) => asset === 'gone')).toMatchObject({
      summary: null,
      problem: { kind: 'not-found' },
    });
    expect(assets.filter(({ summary }) => summary !== null).length).toBeGreaterThan(3);
    expect((await run('inspect', path)).stdout).toContain('gone: not-found: ');
  });

  it('shows an array of a Zarr group, and says which there are', async () => {
    const store = join(
      'sample',
      readdirSync(join(folder, 'sample'), { recursive: true, encoding: 'utf8' }).find((name) =>
        name.endsWith('.zarr'),
      )!,
    );
    const wrong = await run('inspect', store, '--variable', 'none', '--json');
    expect(wrong.code).toBeGreaterThan(1);
    expect(JSON.parse(wrong.stdout)).toHaveProperty('error.kind');
    const right = await run('inspect', store, '--variable', 'ghi', '--json');
    expect(JSON.parse(right.stdout)).toMatchObject({ driver: 'zarr' });
  });

  it('shows every raster variable of a NetCDF-4 file, and reads one', async () => {
    const cube = fileURLToPath(new URL('../../fixtures/hdf5/cube.nc', import.meta.url));
    const all = JSON.parse((await run('inspect', cube, '--json')).stdout) as { variables: { url: string }[] };
    expect(all.variables.map(({ url }) => url.replace(/^.*cube\.nc\//, '')).toSorted()).toEqual([
      'flag',
      'grid',
      'inner/nested',
      'packed',
      'unsigned',
    ]);
    const one = await run('inspect', cube, '--variable', 'packed', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ driver: 'hdf5', crs: { code: 32_633 } });
    expect(await run('read', cube, '--variable', 'packed', '-o', 'packed.npy')).toMatchObject({ code: 0 });
    const bytes = readFileSync(join(folder, 'packed.npy'));
    expect(bytes.subarray(-2 * 3 * 6 * 8).readInt16LE(2)).toBe(-23); // 37 - 60
  });

  it.each([
    ['nothing.tif', 3, 'not-found'],
    ['text.txt', 5, 'invalid-data'],
    ['image.png', 4, 'unsupported'],
  ])('%s leaves with %i', async (name, code, kind) => {
    writeFileSync(join(folder, 'text.txt'), 'no raster');
    writeFileSync(join(folder, 'image.png'), Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1'));
    const json = await run('inspect', name, '--json');
    expect(json.code).toBe(code);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { kind } });
    expect(json.stderr).toMatch(new RegExp(`^cube: ${kind}: `));
  });
});

describe('Zarr groups', () => {
  const LEVEL = { node_type: 'array', zarr_format: 3, shape: [2, 3], data_type: 'uint8', fill_value: 0 };
  const codecs = [{ name: 'bytes' }];
  const grid = { name: 'regular', configuration: { chunk_shape: [2, 3] } };
  const keys = { name: 'default', configuration: { separator: '/' } };

  /** A group of arrays of zeros; without dimension names none is a raster. */
  function writeGroup(name: string, arrays: readonly string[], dimensions?: readonly string[]): void {
    const put = (path: string, json: object) => {
      mkdirSync(join(folder, name, path), { recursive: true });
      writeFileSync(join(folder, name, path, 'zarr.json'), JSON.stringify(json));
    };
    put('', { node_type: 'group', zarr_format: 3, attributes: {} });
    const own = { ...LEVEL, codecs, chunk_grid: grid, chunk_key_encoding: keys, attributes: {} };
    for (const array of arrays)
      put(array, { ...own, ...(dimensions === undefined ? {} : { dimension_names: dimensions }) });
  }

  it('inspect shows every raster variable of a group, and one where it is named', async () => {
    writeGroup('several.zarr', ['red', 'nir'], ['y', 'x']);
    const text = await run('inspect', 'several.zarr');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/several\.zarr\/nir \(zarr\)[^]*several\.zarr\/red \(zarr\)/);
    const all = JSON.parse((await run('inspect', 'several.zarr', '--json')).stdout) as { variables: { url: string }[] };
    expect(all.variables.map(({ url }) => url.split('/').at(-1))).toEqual(['nir', 'red']);
    const one = JSON.parse((await run('inspect', 'several.zarr', '--variable', 'red', '--json')).stdout) as object;
    expect(one).toMatchObject({ driver: 'zarr', levels: [{ shape: [2, 3] }] });
    expect(JSON.parse((await run('inspect', 'several.zarr/red', '--json')).stdout)).toEqual(one);
  });

  it('an array that must be named is named in the error, with how', async () => {
    writeGroup('several.zarr', ['red', 'nir'], ['y', 'x']);
    writeGroup('nameless.zarr', ['a', 'b']);
    const several = await run('read', 'several.zarr', '-o', 'x.npy');
    expect(several.code).toBe(2);
    expect(several.stderr).toMatch(/2 raster variables: nir, red .*--variable NAME, or as GROUP\.zarr\/NAME/);
    const nameless = await run('read', 'nameless.zarr', '-o', 'x.npy');
    expect(nameless.code).toBe(3);
    expect(nameless.stderr).toMatch(/no raster variable .*only a, b .*--variable NAME/);
    expect(await run('read', 'nameless.zarr', '--variable', 'a', '-o', 'x.npy')).toMatchObject({ code: 0 });
    expect(await run('read', 'nameless.zarr/b', '-o', 'x.npy')).toMatchObject({ code: 0 });
  });

  it.each([
    ['inspect', scene0],
    ['read', scene0, '-o', 'y.npy'],
    ['stats', join('sample', 'labels.geojson'), scene0],
  ])('%s does not take a variable of a GeoTIFF', async (command, ...parameters) => {
    const wrong = await run(command, ...parameters.map((one) => (one === scene0 ? scene : one)), '--variable', 'red');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('is a GeoTIFF, it has no variable "red"');
  });

  it('a folder is a wrong input, not a wrong output', async () => {
    expect((await run('read', '.', '-o', 'y.npy')).code).toBe(3);
    expect((await run('build', '.')).code).toBe(3);
  });
});

describe('labels that do not say what they are', () => {
  it('stats takes the CRS, the columns, the layer and the variable that it is told', async () => {
    const read = JSON.parse((await run('inspect', scene, '--json')).stdout) as {
      crs: { code: number };
      levels: { transform: number[] }[];
    };
    const [width, , west, , height, north] = read.levels[0]!.transform as [number, 0, number, 0, number, number];
    const [east, y] = [west + 10.5 * width, north + 10.5 * height];
    writeFileSync(join(folder, 'points.csv'), `a,b\n${east},${y}\n`);
    const unknown = await run('stats', 'points.csv', scene);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain('--x and --y for cube stats');
    const columns = ['--x', 'a', '--y', 'b'];
    const nowhere = await run('stats', 'points.csv', scene, ...columns);
    expect(nowhere.code).toBe(5);
    expect(nowhere.stderr).toContain('--label-crs for cube stats');
    const right = await run('stats', 'points.csv', scene, ...columns, '--label-crs', `EPSG:${read.crs.code}`);
    expect(right.code).toBe(0);
    expect((await run('stats', 'points.csv', scene, '--x', 'a')).code).toBe(2);
    const database = await openDuckDb({ extensions: ['spatial'] });
    const target = sqlString(join(folder, 'roofs.gpkg'));
    await database.all(
      `COPY (SELECT ST_Point(15, 48) AS geom) TO ${target} (FORMAT gdal, DRIVER 'GPKG', SRS 'EPSG:4326')`,
    );
    await database.close();
    expect((await run('stats', 'roofs.gpkg', scene, '--layer', 'roofs')).code).toBe(0);
    const absent = await run('stats', 'roofs.gpkg', scene, '--layer', 'walls');
    expect(absent.code).toBe(2);
    expect(absent.stderr).toMatch(/no layer "walls" \(one of: roofs\)/);
  });
});

describe('cube stats', () => {
  const labels = join('sample', 'labels.geojson');

  it('prints CSV: one row a label, raster and band', async () => {
    const csv = await run('stats', labels, scene, scene, '--stats', 'count,mean', '--quiet');
    expect(csv).toMatchObject({ code: 0, stderr: '' });
    const [head, ...lines] = csv.stdout.trimEnd().split('\n');
    expect(head).toBe('label_id,feature_uid,raster,band,count,mean');
    expect(lines.length).toBe(24);
    expect(lines.map((line) => line.split(',')[0]).join()).toBe(
      Array.from({ length: 12 }, (_, i) => `${i + 1},${i + 1}`).join(),
    );
    expect(lines.every((line) => line.split(',')[2] === scene)).toBe(true);
  });

  it('writes the same rows as JSON, CSV, Parquet and GeoJSON', async () => {
    const rows = JSON.parse((await run('stats', labels, scene, '--json')).stdout) as Record<string, unknown>[];
    expect(rows.length).toBe(12);
    const csv = await run('stats', labels, scene, '--quiet', '-o', 'made/stats.csv');
    expect(csv.stdout).toBe('made/stats.csv: 12 rows\n');
    expect(readFileSync(join(folder, 'made/stats.csv'), 'utf8')).toBe((await run('stats', labels, scene)).stdout);
    const json = await run('stats', labels, scene, '-o', 'made/stats.parquet', '--json');
    expect(JSON.parse(json.stdout)).toEqual({ output: 'made/stats.parquet', rows: 12, quarantined: 0 });
    const database = await openDuckDb();
    const table = await database.all(`SELECT * FROM ${sqlString(join(folder, 'made/stats.parquet'))}`);
    await database.close();
    expect(
      table.map(({ label_id: id, ...rest }) => ({ label_id: Number(id), ...rest, band: Number(rest['band']) })),
    ).toEqual(rows);
    await run('stats', labels, scene, '-o', 'made/stats.geojson');
    const made = JSON.parse(readFileSync(join(folder, 'made/stats.geojson'), 'utf8')) as {
      features: { properties: object; geometry: { type: string } }[];
    };
    expect(made.features.map(({ properties }) => properties)).toEqual(rows);
    expect(new Set(made.features.map(({ geometry }) => geometry.type))).toEqual(new Set(['MultiPolygon']));
    expect(readdirSync(join(folder, 'made')).sort()).toEqual(['stats.csv', 'stats.geojson', 'stats.parquet']);
  });

  it('takes the rule and the labels that it is told to', async () => {
    const count = async (rule: string) => {
      const rows = JSON.parse(
        (await run('stats', labels, scene, '--json', '--rule', rule, '--where', 'area_geod_m2 > 0')).stdout,
      ) as { count: number }[];
      return rows.reduce((sum, row) => sum + row.count, 0);
    };
    const [exact, center, touched] = [await count('exact'), await count('center'), await count('all-touched')];
    expect(Number.isInteger(center)).toBe(true);
    expect(touched).toBeGreaterThan(exact);
    expect(Math.abs(center - exact) / exact).toBeLessThan(0.2);
  });

  it.each([
    [['--rule', 'some'], 2, 'invalid-argument'],
    [['--stats', 'count,mood'], 2, 'invalid-argument'],
    [['-o', 'stats.xlsx'], 2, 'invalid-argument'],
    [['--where', 'false'], 3, 'no-data'],
    [['--where', 'colour ='], 2, 'invalid-spec'],
  ])('refuses %j', async (parameters, code, kind) => {
    const json = await run('stats', labels, scene, '--json', ...parameters);
    expect(JSON.parse(json.stdout), json.stdout).toMatchObject({ error: { kind } });
    expect(json.code).toBe(code);
  });

  it('names what is missing: labels, raster, CRS', async () => {
    expect(await run('stats', 'nowhere.geojson', scene)).toMatchObject({ code: 3, stdout: '' });
    expect(await run('stats', labels, 'nowhere.tif')).toMatchObject({ code: 3, stdout: '' });
    const url = await run('stats', 'https://example.com/labels.geojson', scene);
    expect(url).toMatchObject({ code: 4, stdout: '' });
  });
});

describe('cube doctor', () => {
  it('says what is there', async () => {
    const json = await run('doctor', '--json');
    const checks = JSON.parse(json.stdout) as { name: string; ok: boolean; needed: boolean }[];
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['version', 'native addon', 'Icechunk binding', 'DuckDB', 'extension ducklake']),
    );
    expect(json.code).toBe(checks.some(({ ok, needed }) => needed && !ok) ? 3 : 0);
    expect((await run('doctor')).stdout).toContain('ok      DuckDB: ');
  });
});
