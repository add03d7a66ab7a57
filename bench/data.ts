import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createTransform } from '../src/grid/transform.js';
import { seededRandom } from '../src/sample/random.js';
import { encodeGeoTiff } from '../src/sample/write-geotiff.js';
import { makeTexture } from './texture.js';

/** How large the data is; two sizes are used, one for measuring and one for a quick check. */
export type DataSize = {
  readonly name: 'full' | 'smoke';
  /** Side of the raster that is decoded, warped and measured, in pixels. */
  readonly scene: number;
  readonly tile: number;
  readonly polygons: number;
  /** Side of each of the two tiles of a build. */
  readonly buildTile: number;
};

export const BANDS = ['blue', 'red', 'nir'] as const;
export const EPSG = 32_632;
export const PIXEL = 10;
/** Upper left corner of scene and tiles, in metres of UTM zone 32. */
export const ORIGIN = { x: 600_000, y: 5_340_000 } as const;
/** Columns that the two tiles of a build share. */
export const OVERLAP = 256;

const DATES = ['2024-06-07T10:16:21Z', '2024-06-17T10:16:19Z'] as const;
/** Changes whenever the files that this module writes do. */
const VERSION = 1;
const WGS84 = { kind: 'epsg', code: 4326 } as const;
const UTM = { kind: 'epsg', code: EPSG } as const;

/** Write the input of all cases into a folder, unless it is there already; the same size gives the same bytes. */
export async function makeData(folder: string, size: DataSize, say: (line: string) => void): Promise<void> {
  const key = createHash('sha256')
    .update(JSON.stringify([VERSION, size]))
    .digest('hex');
  const stamp = join(folder, 'made.txt');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === key) return;
  say(`making the input data once, in ${folder} …`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeScene(join(folder, 'scene.tif'), {
    side: size.scene,
    tile: size.tile,
    col: 0,
    noiseSeed: 1,
    wedge: 0.02,
    overviews: 2,
  });
  await writePolygons(folder, size);
  await writeItems(folder, size);
  await writeFile(stamp, key);
}

type Scene = {
  readonly side: number;
  readonly tile: number;
  readonly col: number;
  readonly noiseSeed: number;
  readonly wedge: number;
  readonly overviews: number;
};

async function writeScene(path: string, { side, tile, col, noiseSeed, wedge, overviews }: Scene): Promise<void> {
  const data = makeTexture({ width: side, height: side, col, row: 0, noiseSeed, wedge });
  const transform = [PIXEL, 0, ORIGIN.x + PIXEL * col, 0, -PIXEL, ORIGIN.y] as const;
  const image = { data, width: side, height: side, transform, epsg: EPSG, nodata: 0 };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, encodeGeoTiff(image, { tile, overviews, classes: false }));
}

/** Star-shaped polygons of 3 to 40 pixels' radius, spread evenly; once in lon/lat and once in metres. */
async function writePolygons(folder: string, { scene, polygons }: DataSize): Promise<void> {
  const random = seededRandom(9);
  const toLonLat = createTransform(UTM, WGS84);
  const rings = Array.from({ length: polygons }, () => starRing(random, scene));
  const feature = (ring: Float64Array, index: number) => {
    const points = Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!]);
    return { type: 'Feature', properties: { id: index + 1 }, geometry: { type: 'Polygon', coordinates: [points] } };
  };
  const collection = (features: object[]) => JSON.stringify({ type: 'FeatureCollection', features });
  await writeFile(join(folder, 'polygons-utm.json'), collection(rings.map(feature)));
  for (const ring of rings) toLonLat.transform(ring);
  await writeFile(join(folder, 'polygons.geojson'), collection(rings.map(feature)));
}

function starRing(random: () => number, scene: number): Float64Array {
  const radius = 3 * (40 / 3) ** random();
  const place = () => 42 + random() * (scene - 84);
  const centre = { col: place(), row: place() };
  const corners = 5 + Math.floor(8 * random());
  const ring = new Float64Array(2 * corners + 2);
  for (let i = 0; i < corners; i++) {
    // GeoJSON rings go counterclockwise, which angles do where y points up.
    const angle = (2 * Math.PI * i) / corners;
    const reach = radius * (0.6 + 0.4 * random());
    ring[2 * i] = ORIGIN.x + PIXEL * (centre.col + reach * Math.cos(angle));
    ring[2 * i + 1] = ORIGIN.y - PIXEL * (centre.row - reach * Math.sin(angle));
  }
  ring.copyWithin(2 * corners, 0, 2);
  return ring;
}

/** Two tiles that overlap, on two dates, in three bands, and an ItemCollection of them. */
async function writeItems(folder: string, { buildTile, tile }: DataSize): Promise<void> {
  const features: object[] = [];
  for (const [date, datetime] of DATES.entries()) {
    for (const side of [0, 1]) {
      const id = `S2-${'AB'[side]}-${date}`;
      const col = side * (buildTile - OVERLAP);
      for (const [band, name] of BANDS.entries()) {
        const noiseSeed = 100 + 10 * (2 * date + side) + band;
        await writeScene(join(folder, id, `${name}.tif`), {
          side: buildTile,
          tile,
          col,
          noiseSeed,
          wedge: side * 0.1,
          overviews: 1,
        });
      }
      features.push(item(id, datetime, col, buildTile));
    }
  }
  await writeFile(join(folder, 'items.json'), JSON.stringify({ type: 'FeatureCollection', features }, null, 1));
}

function item(id: string, datetime: string, col: number, side: number): object {
  const [west, north] = [ORIGIN.x + PIXEL * col, ORIGIN.y];
  const [east, south] = [west + PIXEL * side, north - PIXEL * side];
  const corners = Float64Array.of(west, north, west, south, east, south, east, north, west, north);
  createTransform(UTM, WGS84).transform(corners);
  const ring = [0, 1, 2, 3, 4].map((i) => [corners[2 * i]!, corners[2 * i + 1]!] as const);
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  const grid = {
    'proj:code': `EPSG:${EPSG}`,
    'proj:shape': [side, side],
    'proj:transform': [PIXEL, 0, west, 0, -PIXEL, north],
  };
  const asset = (name: string) => ({
    href: `./${id}/${name}.tif`,
    type: 'image/tiff; application=geotiff; profile=cloud-optimized',
    roles: ['data'],
    bands: [{ name, data_type: 'uint16', nodata: 0 }],
    ...grid,
  });
  return {
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: ['https://stac-extensions.github.io/projection/v2.0.0/schema.json'],
    id,
    collection: 'bench',
    bbox: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)],
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: { datetime, 'proj:code': `EPSG:${EPSG}` },
    links: [],
    assets: Object.fromEntries(BANDS.map((name) => [name, asset(name)])),
  };
}
