import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { openDuckDb, sqlString } from '../../src/duckdb/connection.js';
import { seededRandom } from '../../src/sample/random.js';
import { FEATURES, type DataSize } from './sizes.js';

/** Changes whenever what this module writes does. */
const VERSION = 1;
const METRES_PER_DEGREE = 111_320;

/**
 * Seeded polygons of two data sets spread over Europe, as GeoJSON (a feature a line) and as Parquet (uid, dataset, wkb): a fifth of
 * them are second versions of others, shifted, shrunk or copied.
 */
export async function makeFeatures(folder: string, { features: count }: DataSize): Promise<void> {
  const place = join(folder, 'features');
  const stamp = join(place, 'made.txt');
  const key = JSON.stringify([VERSION, count]);
  if ((await readFile(stamp, 'utf8').catch(() => '')) === key) return;
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  await writeLines(join(folder, FEATURES.lines), count);
  const db = await openDuckDb({ extensions: ['spatial'] });
  await db.run(
    `COPY (SELECT properties.uid AS uid, properties.dataset AS dataset, ST_AsWKB(ST_GeomFromGeoJSON(geometry)) AS wkb
       FROM read_json(${sqlString(join(folder, FEATURES.lines))}, format = 'newline_delimited',
         columns = {properties: 'STRUCT(uid VARCHAR, dataset VARCHAR)', geometry: 'JSON'}))
     TO ${sqlString(join(folder, FEATURES.parquet))} (FORMAT parquet)`,
  );
  await db.close();
  await writeFile(stamp, key);
}

async function writeLines(path: string, count: number): Promise<void> {
  const out = createWriteStream(path);
  for (const line of lines(count)) if (!out.write(line)) await once(out, 'drain');
  out.end();
  await finished(out);
}

function* lines(count: number): Generator<string> {
  const random = seededRandom(77);
  const line = (number: number, ring: readonly number[][], dataset: string) => {
    const uid = `${dataset}${String(number).padStart(8, '0')}`;
    const properties = { uid, dataset, kw: Math.round(1000 * random()), year: 2000 + Math.floor(24 * random()) };
    return `${JSON.stringify({ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [ring] } })}\n`;
  };
  for (let number = 0; number < count; number++) {
    const place = { lon: -10 + 40 * random(), lat: 35 + 25 * random(), radius: 5 + 300 * random() ** 4 };
    const ring = star(random, { ...place, corners: 5 + Math.floor(14 * random()) });
    yield line(number, ring, 'a');
    if (number + 1 < count && random() < 0.25) yield line(++number, another(random, ring, place), 'b');
  }
}

type Place = { readonly lon: number; readonly lat: number; readonly radius: number };

function star(random: () => number, { lon, lat, radius, corners }: Place & { readonly corners: number }): number[][] {
  const ring = Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    const reach = (radius * (0.6 + 0.4 * random())) / METRES_PER_DEGREE;
    return [
      round(lon + (reach * Math.cos(angle)) / Math.cos((lat * Math.PI) / 180)),
      round(lat + reach * Math.sin(angle)),
    ];
  });
  return [...ring, ring[0]!];
}

/** The same, shifted by a tenth of its radius, at two thirds of its size, or as it is. */
function another(random: () => number, ring: readonly number[][], { lon, lat, radius }: Place): number[][] {
  const kind = Math.floor(3 * random());
  const shift = kind === 0 ? (0.1 * radius) / METRES_PER_DEGREE : 0;
  const scale = kind === 1 ? 2 / 3 : 1;
  return ring.map(([x, y]) => [round(lon + (x! - lon) * scale + shift), round(lat + (y! - lat) * scale)]);
}

function round(degrees: number): number {
  return Math.round(degrees * 1e8) / 1e8;
}
