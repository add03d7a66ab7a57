import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Crs } from '../grid/crs.js';
import { createTransform } from '../grid/transform.js';
import { IRRADIANCE, irradianceStore } from './irradiance.js';
import { farmIndex, farmsGeoJson, makeFarms } from './labels.js';
import { SAMPLE_BANDS, SAMPLE_CENTRE, SAMPLE_DATES, groundValues, type SampleBand } from './scene.js';
import { encodeGeoTiff } from './write-geotiff.js';

const WGS84: Crs = { kind: 'epsg', code: 4326 };
const PIXEL = 10;
/** Nodata wedge in a corner of each tile, as at the edge of a swath. */
const SWATH = 0.12;

/** Size of the sample: pixels a side of each tile, and number of labels. */
export type SampleOptions = {
  /** Pixels along the side of one tile. */
  readonly size?: number;
  readonly labels?: number;
};

/**
 * Write the sample: two tiles in two UTM zones on three dates (COG), an irradiance Zarr, PV labels, and a STAC catalogue
 * of it all. The same options give the same bytes.
 */
export async function makeSample(folder: string, { size = 1024, labels = 200 }: SampleOptions = {}): Promise<void> {
  const reachKm = (size * PIXEL) / 1000 / 2;
  const farms = makeFarms(labels, 0.97 * reachKm);
  const isPanel = farmIndex(farms);
  await write(folder, 'labels.geojson', farmsGeoJson(farms));
  const tiles = [
    { name: 'T32', epsg: 32_632, offsetKm: -reachKm / 2 },
    { name: 'T33', epsg: 32_633, offsetKm: reachKm / 2 },
  ];
  const links: { rel: string; href: string; type: string }[] = [];
  for (const tile of tiles) {
    for (const date of SAMPLE_DATES.keys()) {
      const id = `${tile.name}_${SAMPLE_DATES[date]!.slice(0, 10).replaceAll('-', '')}`;
      await writeTile(folder, { ...tile, id, date, size, isPanel });
      links.push({ rel: 'item', href: `./${id}/${id}.json`, type: 'application/geo+json' });
    }
  }
  for (const [key, bytes] of irradianceStore()) await write(folder, `irradiance.zarr/${key}`, bytes);
  await write(folder, 'irradiance.json', irradianceItem());
  links.push({ rel: 'item', href: './irradiance.json', type: 'application/geo+json' });
  const description = 'Generated sample: imagery in two UTM zones, irradiance, solar farms';
  await write(
    folder,
    'catalog.json',
    pretty({ type: 'Catalog', id: 'heliocube-sample', stac_version: '1.1.0', description, links }),
  );
}

type Tile = {
  readonly id: string;
  readonly epsg: number;
  readonly offsetKm: number;
  readonly date: number;
  readonly size: number;
  readonly isPanel: (lon: number, lat: number) => boolean;
};

async function writeTile(folder: string, tile: Tile): Promise<void> {
  const crs: Crs = { kind: 'epsg', code: tile.epsg };
  const origin = tileOrigin(tile, crs);
  const places = pixelPlaces(tile, crs, origin);
  const pixels = tilePixels(tile, places);
  for (const band of SAMPLE_BANDS) {
    const transform = [PIXEL, 0, origin.x, 0, -PIXEL, origin.y] as const;
    const image = { data: pixels[band], width: tile.size, height: tile.size, transform, epsg: tile.epsg, nodata: 0 };
    const bytes = encodeGeoTiff(image, { tile: 256, overviews: 2, classes: band === 'scl' });
    await write(folder, `${tile.id}/${band}.tif`, bytes);
  }
  await write(folder, `${tile.id}/${tile.id}.json`, tileItem(tile, places));
}

/** Upper left corner on the 10 m lattice. */
function tileOrigin({ offsetKm, size }: Tile, crs: Crs): { x: number; y: number } {
  const perDegree = 111.195 * Math.cos((SAMPLE_CENTRE.lat * Math.PI) / 180);
  const centre = Float64Array.of(SAMPLE_CENTRE.lon + offsetKm / perDegree, SAMPLE_CENTRE.lat);
  createTransform(WGS84, crs).transform(centre);
  const half = (size * PIXEL) / 2;
  return { x: Math.round((centre[0]! - half) / PIXEL) * PIXEL, y: Math.round((centre[1]! + half) / PIXEL) * PIXEL };
}

/** Longitude and latitude of every pixel centre: lon0, lat0, lon1, … */
function pixelPlaces({ size }: Tile, crs: Crs, origin: { x: number; y: number }): Float64Array {
  const places = new Float64Array(2 * size * size);
  for (let row = 0; row < size; row++) {
    for (let col = 0; col < size; col++) {
      const at = 2 * (row * size + col);
      places[at] = origin.x + (col + 0.5) * PIXEL;
      places[at + 1] = origin.y - (row + 0.5) * PIXEL;
    }
  }
  createTransform(crs, WGS84).transform(places);
  return places;
}

function tilePixels({ size, date, isPanel }: Tile, places: Float64Array): Record<SampleBand, Uint8Array | Uint16Array> {
  const words = () => new Uint16Array(size * size);
  const pixels = { blue: words(), green: words(), red: words(), nir: words(), scl: new Uint8Array(size * size) };
  for (let i = 0; i < size * size; i++) {
    const [col, row] = [i % size, Math.floor(i / size)];
    if (col + row < SWATH * size * (1 + date)) continue;
    const [lon, lat] = [places[2 * i]!, places[2 * i + 1]!];
    const values = groundValues(lon, lat, date, isPanel(lon, lat));
    for (const band of SAMPLE_BANDS) pixels[band][i] = values[band];
  }
  return pixels;
}

function tileItem({ id, date, epsg, size }: Tile, places: Float64Array): string {
  const corner = (i: number) => [places[2 * i]!, places[2 * i + 1]!] as const;
  const ring = [0, size * (size - 1), size * size - 1, size - 1, 0].map(corner);
  const assets = Object.fromEntries(
    SAMPLE_BANDS.map((band) => [
      band,
      {
        href: `./${band}.tif`,
        type: 'image/tiff; application=geotiff; profile=cloud-optimized',
        roles: ['data'],
        bands: [
          {
            name: band,
            nodata: 0,
            data_type: band === 'scl' ? 'uint8' : 'uint16',
            ...(band === 'scl' ? {} : { 'eo:common_name': band }),
          },
        ],
      },
    ]),
  );
  const properties = { datetime: SAMPLE_DATES[date], platform: 'sample', 'proj:code': `EPSG:${epsg}` };
  return item(id, 'sample-imagery', properties, ring, assets);
}

function irradianceItem(): string {
  const { step, columns, rows, start, hours } = IRRADIANCE;
  const [w, h] = [(columns * step) / 2, (rows * step) / 2];
  const { lon, lat } = SAMPLE_CENTRE;
  const ring = [
    [lon - w, lat + h],
    [lon - w, lat - h],
    [lon + w, lat - h],
    [lon + w, lat + h],
    [lon - w, lat + h],
  ] as const;
  const end = new Date(Date.parse(start) + hours * 3_600_000).toISOString();
  const properties = {
    datetime: null,
    start_datetime: new Date(start).toISOString(),
    end_datetime: end,
    'proj:code': 'EPSG:4326',
  };
  const assets = {
    ghi: {
      href: './irradiance.zarr',
      type: 'application/vnd.zarr; version=3',
      roles: ['data'],
      bands: [{ name: 'ghi' }],
    },
  };
  return item('irradiance', 'sample-irradiance', properties, ring, assets);
}

function item(
  id: string,
  collection: string,
  properties: object,
  ring: readonly (readonly [number, number])[],
  assets: object,
): string {
  const lons = ring.map(([lon]) => lon);
  const lats = ring.map(([, lat]) => lat);
  const bbox = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
  const geometry = { type: 'Polygon', coordinates: [ring] };
  const extensions = ['https://stac-extensions.github.io/projection/v2.0.0/schema.json'];
  return pretty({
    type: 'Feature',
    stac_version: '1.1.0',
    stac_extensions: extensions,
    id,
    collection,
    bbox,
    geometry,
    properties,
    links: [],
    assets,
  });
}

function pretty(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

async function write(folder: string, name: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
