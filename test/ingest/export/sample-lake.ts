import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ingest } from '../../../src/ingest/ingest.js';

type Ring = readonly (readonly [number, number])[];

/** A ring around a place, counterclockwise; `size` in degrees. */
function ring(x: number, y: number, size: number, sides = 4): Ring {
  const corners = Array.from({ length: sides }, (_, i) => {
    const angle = (2 * Math.PI * i) / sides + 0.3;
    return [x + size * Math.cos(angle), y + size * Math.sin(angle)] as const;
  });
  return [...corners, corners[0]!];
}

function feature(geometry: object, properties: object): object {
  return { type: 'Feature', geometry, properties };
}

/** Farms and roofs of two data sets: some are one installation, some are points, one has a hole, one has two parts. */
function datasets(): { farms: object[]; roofs: object[] } {
  const places = Array.from({ length: 60 }, (_, i) => ({ x: -120 + ((i * 37) % 240), y: -50 + ((i * 23) % 110) }));
  const farms = places.map(({ x, y }, i) => {
    const outer = ring(x, y, 0.004, 5 + (i % 4));
    const hole = ring(x, y, 0.001).toReversed();
    const properties = {
      id: `farm ${i}`,
      mw: i % 7 === 0 ? null : i / 3,
      year: 2005 + (i % 15),
      country: i % 2 === 0 ? 'DEU' : 'IND',
      note: 'Süd, "β" 太陽',
    };
    if (i === 5)
      return feature({ type: 'MultiPolygon', coordinates: [[outer], [ring(x + 0.006, y, 0.001)]] }, properties);
    return feature({ type: 'Polygon', coordinates: i % 9 === 0 ? [outer, hole] : [outer] }, properties);
  });
  const roofs = places.slice(0, 30).map(({ x, y }, i) => {
    if (i % 10 === 1)
      return feature(
        { type: 'Polygon', coordinates: [ring(x, y, 0.0039, 5 + (i % 4))] },
        { kw: 900, day: null, iso: 'AUT' },
      );
    const at = i % 2 === 0 ? [x, y] : [x + 0.2, y + 0.1];
    return feature({ type: 'Point', coordinates: at }, { kw: 5 + i, day: `2019-0${1 + (i % 9)}-11`, iso: 'AUT' });
  });
  farms.push({ type: 'Feature', geometry: null, properties: { id: 'nowhere' } });
  return { farms, roofs };
}

/** Make a lake of two small data sets by `ingest`; returns its catalog. */
export async function makeSampleLake(folder: string): Promise<string> {
  const { farms, roofs } = datasets();
  mkdirSync(folder, { recursive: true });
  for (const [name, features] of Object.entries({ farms, roofs }))
    writeFileSync(join(folder, `${name}.geojson`), JSON.stringify({ type: 'FeatureCollection', features }));
  const manifest = {
    farms_2024: {
      doi: 'farms.geojson',
      repo: 'local',
      priority: 1,
      license: 'CC-BY-4.0',
      citation: 'Farms of the sample (2024)',
      field_map: {
        native_id: 'id',
        cap_ac: { column: 'mw', unit: 'MW', kind: 'reported' },
        installed: 'year',
        country_iso3: 'country',
        setting: { value: 'ground' },
      },
    },
    roofs_2019: {
      doi: 'roofs.geojson',
      repo: 'local',
      priority: 2,
      license: 'CC0-1.0',
      field_map: {
        cap_dc: { column: 'kw', unit: 'kW', kind: 'reported' },
        installed: 'day',
        country_iso3: 'iso',
        setting: { value: 'rooftop' },
      },
    },
  };
  const lake = join(folder, 'lake.ducklake');
  await ingest({ manifest, folder, lake });
  return lake;
}
