import { createTransform } from '../../src/grid/transform.js';
import { BANDS, DATES, EPSG, ORIGIN, PIXEL, scenePath, seriesPath, STACK } from './sizes.js';

/** A STAC ItemCollection of the scenes, one item a date; `side` in pixels. */
export function itemCollection(side: number): object {
  const hrefs = (date: number) => Object.fromEntries(BANDS.map((name) => [name, `./${scenePath(date, name)}`]));
  return collection(DATES.map((datetime, date) => item(`scene-${date}`, datetime, side, hrefs(date))));
}

/** The same of the first rasters of the series, a day apart, as it stands in the folder of `STACK.items`. */
export function seriesCollection(side: number, dates: number): object {
  const day = (date: number) => new Date(Date.UTC(2024, 0, 1 + date)).toISOString();
  return collection(
    Array.from({ length: dates }, (_, date) =>
      item(`series-${date}`, day(date), side, { [STACK.variable]: `../${seriesPath(date)}` }),
    ),
  );
}

function collection(features: readonly object[]): object {
  return { type: 'FeatureCollection', features };
}

/** `hrefs` by band. */
function item(id: string, datetime: string, side: number, hrefs: Readonly<Record<string, string>>): object {
  const [west, north] = [ORIGIN.x, ORIGIN.y];
  const [east, south] = [west + PIXEL * side, north - PIXEL * side];
  const corners = Float64Array.of(west, north, west, south, east, south, east, north, west, north);
  createTransform({ kind: 'epsg', code: EPSG }, { kind: 'epsg', code: 4326 }).transform(corners);
  const ring = [0, 1, 2, 3, 4].map((i) => [corners[2 * i]!, corners[2 * i + 1]!] as const);
  const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
  const grid = {
    'proj:code': `EPSG:${EPSG}`,
    'proj:shape': [side, side],
    'proj:transform': [PIXEL, 0, west, 0, -PIXEL, north],
  };
  const asset = (name: string, href: string) => ({
    href,
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
    assets: Object.fromEntries(Object.entries(hrefs).map(([name, href]) => [name, asset(name, href)])),
  };
}
