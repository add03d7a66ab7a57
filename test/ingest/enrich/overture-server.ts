import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDuckDb, sqlString } from '../../../src/duckdb/connection.js';
import { startFaultServer, type FaultServer, type SeenRequest } from '../../fault-server.js';

/** A box as WKT, with a hole or without. */
export const boxWkt = (w: number, s: number, e: number, n: number) =>
  `POLYGON((${w} ${s}, ${e} ${s}, ${e} ${n}, ${w} ${n}, ${w} ${s}))`;

/** A feature of Overture; what a type has not is left out. */
export type MadeFeature = {
  readonly id: string;
  readonly wkt: string;
  readonly subtype?: string;
  readonly class?: string;
  readonly country?: string;
  readonly region?: string;
  readonly name?: string;
};

/** Files by theme and type; each a list of features, which become one Parquet file with row groups of 2048. */
export type MadeRelease = Readonly<Record<string, readonly (readonly MadeFeature[])[]>>;

/** Write one GeoParquet file in Overture's schema: WKB with "geo" metadata, the struct `bbox` of FLOAT, names, sources, version. */
export async function writeOverture(path: string, features: readonly MadeFeature[]): Promise<void> {
  const db = await openDuckDb({ extensions: ['spatial'] });
  try {
    await db.run(
      'CREATE TABLE f (id VARCHAR, wkt VARCHAR, subtype VARCHAR, class VARCHAR, country VARCHAR, region VARCHAR, name VARCHAR)',
    );
    for (let i = 0; i < features.length; i += 500) {
      const rows = features.slice(i, i + 500).map((one) => {
        const values = [one.id, one.wkt, one.subtype, one.class, one.country, one.region, one.name];
        return `(${values.map((value) => (value === undefined ? 'NULL' : sqlString(value))).join(', ')})`;
      });
      await db.run(`INSERT INTO f VALUES ${rows.join(', ')}`);
    }
    await db.run(`COPY (SELECT id, g AS geometry,
        struct_pack(xmin := ST_XMin(g)::FLOAT, xmax := ST_XMax(g)::FLOAT, ymin := ST_YMin(g)::FLOAT, ymax := ST_YMax(g)::FLOAT) AS bbox,
        1::INTEGER AS version, [struct_pack(property := '', dataset := 'made', record_id := id)] AS sources, subtype, class, country, region,
        struct_pack("primary" := name, common := map {'en': name}) AS names
      FROM (SELECT *, ST_GeomFromText(wkt) AS g FROM f)) TO ${sqlString(path)} (FORMAT parquet, ROW_GROUP_SIZE 2048, COMPRESSION zstd)`);
  } finally {
    await db.close();
  }
}

/** What a server saw. */
export type OvertureServer = FaultServer & {
  readonly catalog: string;
  readonly parquetRequests: () => readonly SeenRequest[];
};

/** A server of releases: STAC from the root catalogue down to items, and their files. The last release is the latest. */
export async function startOverture(
  folder: string,
  releases: Readonly<Record<string, MadeRelease>>,
): Promise<OvertureServer> {
  const files: Record<string, Uint8Array> = {};
  const put = (path: string, json: object) => (files[path] = new TextEncoder().encode(JSON.stringify(json)));
  const child = (href: string) => ({ rel: 'child', href });
  mkdirSync(folder, { recursive: true });
  for (const [release, types] of Object.entries(releases)) {
    const themes = [...new Set(Object.keys(types).map((name) => name.split('/')[0]!))];
    put(`${release}/catalog.json`, {
      type: 'Catalog',
      id: release,
      links: themes.map((theme) => child(`./${theme}/catalog.json`)),
    });
    for (const theme of themes) {
      const names = Object.keys(types).flatMap((name) => (name.startsWith(`${theme}/`) ? [name.split('/')[1]!] : []));
      put(`${release}/${theme}/catalog.json`, {
        type: 'Catalog',
        id: theme,
        links: names.map((name) => child(`./${name}/collection.json`)),
      });
      for (const name of names) {
        const parts = types[`${theme}/${name}`]!;
        const links = parts.map((_, i) => ({ rel: 'item', href: `./0000${i}/0000${i}.json` }));
        put(`${release}/${theme}/${name}/collection.json`, { type: 'Collection', id: name, links });
        for (const [i, features] of parts.entries()) {
          const path = join(folder, `${release}-${name}-${i}.parquet`);
          await writeOverture(path, features);
          files[`data/${release}/theme=${theme}/type=${name}/part-${i}.parquet`] = readFileSync(path);
          const corners = features.flatMap(({ wkt }) =>
            [...wkt.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]),
          );
          const [xs, ys] = [corners.map(([x]) => x!), corners.map(([, y]) => y!)];
          const least = (values: number[]) => values.reduce((a, b) => Math.min(a, b), Infinity);
          const most = (values: number[]) => values.reduce((a, b) => Math.max(a, b), -Infinity);
          put(`${release}/${theme}/${name}/0000${i}/0000${i}.json`, {
            type: 'Feature',
            id: `0000${i}`,
            bbox: [least(xs), least(ys), most(xs), most(ys)],
            assets: { aws: { href: `/data/${release}/theme=${theme}/type=${name}/part-${i}.parquet` } },
          });
        }
      }
    }
  }
  const names = Object.keys(releases);
  put('catalog.json', {
    type: 'Catalog',
    id: 'releases',
    latest: names.at(-1),
    links: names.map((name) => child(`./${name}/catalog.json`)),
  });
  const server = await startFaultServer({ files });
  return {
    ...server,
    catalog: `${server.url}catalog.json`,
    parquetRequests: () => server.requests.filter(({ path }) => path.endsWith('.parquet')),
  };
}
