import { gzipSync } from 'node:zlib';
import { smoothNoise } from './random.js';
import { SAMPLE_CENTRE, SAMPLE_SEED } from './scene.js';

/** Hourly global horizontal irradiance on a lon/lat grid of 0.05°, three days. */
export const IRRADIANCE = { step: 0.05, columns: 20, rows: 16, hours: 72, start: '2024-06-06T00:00:00Z' } as const;
const CHUNK_HOURS = 24;

/** The objects of a Zarr v3 group with `ghi` (time, lat, lon) in W/m², hour means labelled by the middle of the hour. */
export function irradianceStore(): Map<string, Uint8Array> {
  const { columns, rows, hours, step } = IRRADIANCE;
  const west = SAMPLE_CENTRE.lon - (columns * step) / 2;
  const north = SAMPLE_CENTRE.lat + (rows * step) / 2;
  const lon = Float64Array.from({ length: columns }, (_, i) => round(west + (i + 0.5) * step));
  const lat = Float64Array.from({ length: rows }, (_, i) => round(north - (i + 0.5) * step));
  const time = BigInt64Array.from({ length: hours }, (_, i) => BigInt(60 * i + 30));
  const objects = new Map<string, Uint8Array>();
  objects.set(
    'zarr.json',
    json({ zarr_format: 3, node_type: 'group', attributes: { Conventions: 'CF-1.8', title: 'sample irradiance' } }),
  );
  addArray(objects, 'lon', 'float64', [columns], [columns], { standard_name: 'longitude', units: 'degrees_east' }, [
    'lon',
  ]);
  addArray(objects, 'lat', 'float64', [rows], [rows], { standard_name: 'latitude', units: 'degrees_north' }, ['lat']);
  const minutes = {
    standard_name: 'time',
    units: `minutes since ${IRRADIANCE.start.slice(0, 10)} 00:00:00`,
    calendar: 'standard',
  };
  addArray(objects, 'time', 'int64', [hours], [hours], minutes, ['time']);
  const attributes = {
    standard_name: 'surface_downwelling_shortwave_flux_in_air',
    units: 'W m-2',
    cell_methods: 'time: mean (interval: 1 hour)',
  };
  addArray(objects, 'ghi', 'float32', [hours, rows, columns], [CHUNK_HOURS, rows, columns], attributes, [
    'time',
    'lat',
    'lon',
  ]);
  objects.set('lon/c/0', gzip(lon));
  objects.set('lat/c/0', gzip(lat));
  objects.set('time/c/0', gzip(time));
  for (let first = 0; first < hours; first += CHUNK_HOURS) {
    const chunk = new Float32Array(CHUNK_HOURS * rows * columns);
    for (let i = 0; i < chunk.length; i++) {
      const hour = first + Math.floor(i / (rows * columns));
      const [row, col] = [Math.floor(i / columns) % rows, i % columns];
      chunk[i] = irradianceAt(hour + 0.5, lat[row]!, lon[col]!);
    }
    objects.set(`ghi/c/${first / CHUNK_HOURS}/0/0`, gzip(chunk));
  }
  return objects;
}

/**
 * Clear-sky irradiance by Haurwitz (1945), 1098·cos z·exp(−0.057 / cos z) W/m², with a low-precision declination, times a
 * cloud factor from smooth noise.
 */
function irradianceAt(hour: number, lat: number, lon: number): number {
  const day = 158 + hour / 24;
  const declination = (23.44 * Math.sin((2 * Math.PI * (284 + day)) / 365) * Math.PI) / 180;
  const hourAngle = (((hour % 24) + lon / 15 - 12) * 15 * Math.PI) / 180;
  const phi = (lat * Math.PI) / 180;
  const cosZenith = Math.sin(phi) * Math.sin(declination) + Math.cos(phi) * Math.cos(declination) * Math.cos(hourAngle);
  if (cosZenith <= 0) return 0;
  const cloud = smoothNoise(lon * 8 + hour * 0.7, lat * 8, SAMPLE_SEED + 500);
  return 1098 * cosZenith * Math.exp(-0.057 / cosZenith) * (1 - 0.7 * cloud ** 2);
}

function addArray(
  objects: Map<string, Uint8Array>,
  name: string,
  dataType: string,
  shape: readonly number[],
  chunk: readonly number[],
  attributes: Readonly<Record<string, string>>,
  dimensions: readonly string[],
): void {
  objects.set(
    `${name}/zarr.json`,
    json({
      zarr_format: 3,
      node_type: 'array',
      shape,
      data_type: dataType,
      chunk_grid: { name: 'regular', configuration: { chunk_shape: chunk } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      codecs: [
        { name: 'bytes', configuration: { endian: 'little' } },
        { name: 'gzip', configuration: { level: 6 } },
      ],
      fill_value: 0,
      attributes,
      dimension_names: dimensions,
      storage_transformers: [],
    }),
  );
}

function json(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 1)}\n`);
}

function gzip(values: { readonly buffer: ArrayBufferLike }): Uint8Array {
  return gzipSync(new Uint8Array(values.buffer), { level: 6 });
}

/** Ten decimals, so that coordinates are the decimal numbers a person would write. */
function round(value: number): number {
  return Number(value.toFixed(10));
}
