import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { enrichSites } from '../../../src/ingest/enrich/enrich-sites.js';
import { describeLake, type LakeDescription } from '../../../src/ingest/export/describe-lake.js';
import { drawCountries } from '../../../src/ingest/export/draw-countries.js';
import { drawSiteMap } from '../../../src/ingest/export/draw-site-map.js';
import { exportTable, type ExportOptions } from '../../../src/ingest/export/export-table.js';
import { formatCard } from '../../../src/ingest/export/format-card.js';
import { writeCard } from '../../../src/ingest/export/write-card.js';
import { ingest } from '../../../src/ingest/ingest.js';
import { queryLakeRows } from '../../../src/lake/query.js';
import { temporaryFolder } from '../../lake/temporary.js';
import { makeSampleLake } from './sample-lake.js';

const folder = temporaryFolder();
let lake = '';
let described: LakeDescription;
beforeAll(async () => {
  lake = await makeSampleLake(join(folder, 'lake'));
  described = await describeLake({ lake });
});

const at = (name: string) => join(folder, name);
const text = (name: string) => readFileSync(at(name), 'utf8');

/** Elements are closed in the order that they are opened in. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  for (const [, closing, name, rest] of svg.matchAll(/<(\/?)([a-z]+)([^>]*)>/g)) {
    if (closing === '/') {
      if (open.pop() !== name) return false;
    } else if (!rest!.endsWith('/')) open.push(name!);
  }
  return open.length === 0 && !/&(?!(?:amp|lt|gt|quot);)/.test(svg) && !/NaN|undefined|Infinity/.test(svg);
}

describe('a lake in words', () => {
  it('counts what SQL counts', async () => {
    const [row] = await queryLakeRows(
      { catalog: lake, dataPath: lake.replace(/\.ducklake$/, '/') },
      `SELECT count(*)::INTEGER AS sites, count(*) FILTER (WHERE country_iso3 = 'DEU')::INTEGER AS deu,
        sum(cap_ac_mw) FILTER (WHERE country_iso3 = 'DEU') AS mw, count(cap_ac_mw)::INTEGER AS filled FROM sites`,
    );
    expect(described.sites).toBe(row!['sites']);
    const deu = described.countries.find(({ country }) => country === 'DEU')!;
    expect(deu.sites).toBe(row!['deu']);
    expect(deu.acMw).toBeCloseTo(Number(row!['mw']), 9);
    expect(described.columns.find(({ name }) => name === 'cap_ac_mw')!.filled).toBe(row!['filled']);
    expect(described.datasets).toMatchObject([
      { dataset: 'farms_2024', license: 'CC-BY-4.0', records: 61, features: 60, quarantined: 1 },
      { dataset: 'roofs_2019', license: 'CC0-1.0', records: 30, features: 30, quarantined: 0 },
    ]);
    expect(described.datasets.reduce((sum, { sites }) => sum + sites, 0)).toBe(described.sites);
    expect(described.days).toEqual(['2005-01-01', '2019-12-31']);
  });

  it('knows the countries that cube enrich found, which were unknown', async () => {
    const plain = at('plain.ducklake');
    writeFileSync(at('plain.csv'), 'id,lon,lat,mw\n1,10,50,2\n2,11,51,3\n3,77,13,5\n4,0,0,1\n');
    const field_map = { cap_ac: 'mw' };
    const entry = { doi: 'plain.csv', repo: 'local', field_map };
    await ingest({ manifest: { plain: entry }, folder, lake: plain, models: false });
    const before = await describeLake({ lake: plain });
    expect(before.countries).toEqual([{ country: null, sites: 4, acMw: 11, dcMw: null }]);
    await enrichSites({ lake: plain, models: false });
    const { countries } = await describeLake({ lake: plain });
    expect(countries).toEqual([
      { country: 'DEU', sites: 2, acMw: 5, dcMw: null },
      { country: 'IND', sites: 1, acMw: 5, dcMw: null },
      { country: null, sites: 1, acMw: 1, dcMw: null },
    ]);
  });

  it('has licences, sources with checksums, extent, fields with units', () => {
    const card = formatCard(described, 'Sites');
    expect(card).toContain(
      `${described.sites} photovoltaic sites from 90 features of 2 data sets; 1 record could not be used`,
    );
    expect(card).toContain('- CC-BY-4.0: `farms_2024`');
    expect(card).toContain('- `farms_2024`: Farms of the sample (2024)');
    expect(card).toContain(described.datasets[0]!.files[0]!.sha256);
    expect(card).toMatch(/\| `cap_ac_mw` \| DOUBLE \| MW \| [\d.]+ % \| /);
    expect(
      card
        .split('\n')
        .filter((line) => line.startsWith('|'))
        .every((line) => line.endsWith('|')),
    ).toBe(true);
  });

  it('takes nothing of a source for markup, and tells no path of this machine', () => {
    const odd = {
      ...described.datasets[0]!,
      doi: '/data/of/me/a.geojson',
      license: null,
      citation: 'A | B\n# <b>[x](y)</b>',
    };
    const card = formatCard(
      { ...described, datasets: [odd, { ...odd, dataset: 'b', doi: '10.5281/zenodo.5005868' }] },
      'Sites',
    );
    expect(card).toContain('A \\| B \\# \\<b\\>\\[x\\](y)\\</b\\>');
    expect(card).not.toContain('/data/of');
    expect(card).toContain('<https://doi.org/10.5281/zenodo.5005868>');
    expect(card).toContain('unknown (ask the source');
  });

  it('lies beside its pictures, whole or not at all', async () => {
    const { files } = await writeCard({ lake, out: at('card/CARD.md'), pictures: true, title: 'A & B' });
    expect(readdirSync(at('card')).sort()).toEqual(['CARD-countries.svg', 'CARD-map.svg', 'CARD.md']);
    expect(files.length).toBe(3);
    expect(text('card/CARD.md')).toContain('(CARD-map.svg)');
    expect(isWellFormed(text('card/CARD-map.svg'))).toBe(true);
    expect(isWellFormed(text('card/CARD-countries.svg'))).toBe(true);
    await expect(writeCard({ lake, out: at('card/CARD.md') })).rejects.toThrow(/exists/);
    await expect(describeLake({ lake: at('none.ducklake') })).rejects.toThrow(/not-found: /);
  });
});

describe('pictures', () => {
  const map = { west: -10, south: 40, step: 0.5, columns: 40, rows: 20 };

  it('have a dot a square that is not empty, and classes that hold all counts', () => {
    const cells = Array.from({ length: 30 }, (_, i) => ({ column: i, row: i % 20, sites: 1 + i * i }));
    const svg = drawSiteMap({ ...map, cells }, 'Sites');
    expect(isWellFormed(svg)).toBe(true);
    expect(svg.match(/<circle/g)!.length).toBe(30 + 5);
    const ranges = Array.from(svg.matchAll(/>([\d,]+) to ([\d,]+)</g), ([, from, to]) =>
      [from, to].map((part) => Number(part!.replaceAll(',', ''))),
    );
    expect(ranges[0]![0]).toBe(1);
    expect(ranges.at(-1)![1]).toBe(842);
    for (const [i, [from]] of ranges.slice(1).entries()) expect(from).toBe(ranges[i]![1]! + 1);
  });

  it('may show nothing, one site, or the whole Earth', () => {
    expect(isWellFormed(drawSiteMap({ ...map, cells: [] }, 'None'))).toBe(true);
    const one = drawSiteMap({ ...map, step: 0.002, cells: [{ column: 3, row: 3, sites: 1 }] }, 'One');
    expect(isWellFormed(one)).toBe(true);
    expect(one.match(/<circle/g)!.length).toBe(2);
    const earth = {
      west: -180,
      south: -90,
      step: 2,
      columns: 180,
      rows: 90,
      cells: [{ column: 179, row: 89, sites: 7 }],
    };
    expect(drawSiteMap(earth, 'Earth')).toContain('>180° E<');
    expect(isWellFormed(drawCountries([], 'None'))).toBe(true);
  });

  it('bars of many countries end in one of the others', () => {
    const countries = Array.from({ length: 30 }, (_, i) => ({
      country: i === 3 ? null : `C${i}`,
      sites: 100 - i,
      acMw: i % 2 === 0 ? i : null,
      dcMw: null,
    }));
    const svg = drawCountries(countries, '<Sites>');
    expect(isWellFormed(svg)).toBe(true);
    expect(svg).toContain('>10 others<');
    expect(svg).toContain('>unknown<');
    expect(svg).toContain('&lt;Sites&gt;');
  });
});

describe('a STAC Collection beside an export', () => {
  it('tells columns, extent, checksum, licence and sources', async () => {
    const report = await exportTable({ lake, table: 'sites', out: at('sites.fgb'), stac: true });
    const collection = JSON.parse(text('sites.fgb.stac.json'));
    expect(collection).toMatchObject({
      type: 'Collection',
      stac_version: '1.1.0',
      id: 'sites',
      license: 'other',
      extent: {
        spatial: { bbox: [report.bbox] },
        temporal: { interval: [['2005-01-01T00:00:00Z', '2019-12-31T00:00:00Z']] },
      },
      'table:row_count': report.rows,
      'table:primary_geometry': 'geometry',
      assets: {
        data: { href: './sites.fgb', roles: ['data'], 'proj:code': 'OGC:CRS84', 'file:size': report.byteLength },
      },
    });
    expect(collection['assets'].data['file:checksum']).toBe(`1220${report.sha256}`);
    expect(collection['providers'].map(({ name }: { name: string }) => name)).toEqual(['farms_2024', 'roofs_2019']);
    const column = collection['table:columns'].find(({ name }: { name: string }) => name === 'h3_r5');
    expect(column).toEqual({
      name: 'h3_r5',
      type: 'ubigint',
      description: 'its parent of resolution 5; written as hexadecimal text',
    });
  });

  it('names the sources, licence and days of the rows that are exported, not of the whole lake', async () => {
    const told = async (name: string, rows: Pick<ExportOptions, 'table' | 'sql' | 'where'>) => {
      await exportTable({ lake, ...rows, out: at(name), stac: true });
      const { license, providers, extent } = JSON.parse(text(`${name}.stac.json`));
      return [license, providers.map((one: { name: string }) => one.name), extent.temporal.interval[0]];
    };
    const roofs = "dataset = 'roofs_2019'";
    expect(await told('roofs.csv', { table: 'features', where: roofs })).toEqual([
      'CC0-1.0',
      ['roofs_2019'],
      ['2019-01-11T00:00:00Z', '2019-09-11T00:00:00Z'],
    ]);
    expect((await told('roof-sites.csv', { table: 'sites', where: roofs }))[1]).toEqual(['roofs_2019']);
    // Sites of the farms have capacities of roofs where these are members.
    const merged = { table: 'sites', where: "dataset = 'farms_2024' AND datasets > 1" };
    expect((await told('merged.csv', merged))[1]).toEqual(['farms_2024', 'roofs_2019']);
    expect(await told('named.csv', { sql: "SELECT dataset FROM features WHERE dataset = 'farms_2024'" })).toEqual([
      'CC-BY-4.0',
      ['farms_2024'],
      ['2005-01-01T00:00:00Z', '2019-12-31T00:00:00Z'],
    ]);
    expect((await told('counts.csv', { sql: 'SELECT count(*) AS n FROM sites' }))[1]).toHaveLength(2);
  });

  it('is never replaced unasked', async () => {
    writeFileSync(at('b.csv.stac.json'), 'mine');
    await expect(exportTable({ lake, table: 'sites', out: at('b.csv'), stac: true })).rejects.toThrow(/exists/);
    expect(existsSync(at('b.csv'))).toBe(false);
    expect(text('b.csv.stac.json')).toBe('mine');
  });
});
