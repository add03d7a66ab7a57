import { join } from 'node:path';
import { createTransform } from '../../src/grid/transform.js';
import { EPSG, ORIGIN, PIXEL, scenePath, type DataSize } from '../data/sizes.js';
import type { JobGrid, JobWindow } from '../protocol.js';
import { OURS, runsOf, type Agreement, type Case } from './case.js';

/** Degrees of about one pixel at 48° north. */
const DEGREES = { lon: 1.345e-4, lat: 8.99e-5 } as const;
type Kernel = 'nearest' | 'bilinear';

/** P5 and P6: from UTM to EPSG:4326, in memory and from a file. */
export function warpCases(folder: string, size: DataSize): Case[] {
  const grid = lonLatGrid(size);
  const file = join(folder, scenePath(0, 'blue'));
  const one = (name: string, kernel: Kernel, peer: string, source: JobWindow | null, target: number): Case => {
    const job = { kind: 'warp' as const, file, source, grid, kernel };
    const from =
      source === null ? 'from a DEFLATE COG in UTM: open, read, decode, warp' : 'from samples in memory: map and warp';
    const reference = source === null ? 'rasterio-exact' : 'gdal-warp-exact';
    return {
      name,
      what: `${grid.width} × ${grid.height} pixels of EPSG:4326, ${kernel}, ${from}`,
      runs: [...runsOf(job, [OURS, peer]), { id: reference, route: reference, job, reference: true }],
      rows: [{ name, ours: OURS, peer, target }],
      agreement: exactly(reference, kernel),
    };
  };
  const source = sourceWindow(size);
  return [
    one('P5.near', 'nearest', 'gdal-warp', source, 9),
    one('P5.bilinear', 'bilinear', 'gdal-warp', source, 14),
    one('P6.near', 'nearest', 'rasterio', null, 7),
    one('P6.bilinear', 'bilinear', 'rasterio', null, 19),
  ];
}

/** As GDAL has it where its approximation of positions is turned off. */
export function exactly(reference: string, kernel: Kernel): Agreement {
  const within = kernel === 'nearest' ? 0 : 1;
  const how = kernel === 'nearest' ? 'equal to' : 'within 1 digital number of';
  const rule = `99.9 % of the samples ${how} those of GDAL with exact positions (${reference})`;
  return { kind: 'values', reference, type: 'uint16', within, least: 0.999, rule };
}

/** A square of degrees around the scene's centre. */
function lonLatGrid({ scene, warp: side }: DataSize): JobGrid {
  const centre = Float64Array.of(ORIGIN.x + (PIXEL * scene) / 2, ORIGIN.y - (PIXEL * scene) / 2);
  createTransform({ kind: 'epsg', code: EPSG }, { kind: 'epsg', code: 4326 }).transform(centre);
  const corner = { lon: centre[0]! - (side / 2) * DEGREES.lon, lat: centre[1]! + (side / 2) * DEGREES.lat };
  return {
    epsg: 4326,
    transform: [DEGREES.lon, 0, corner.lon, 0, -DEGREES.lat, corner.lat],
    width: side,
    height: side,
  };
}

/** The pixels of the scene that the square lies on, with room for its rotation. */
function sourceWindow({ scene, warp }: DataSize): JobWindow {
  const side = Math.ceil(warp * 1.1) + 8;
  const at = Math.floor((scene - side) / 2);
  return { col: at, row: at, width: side, height: side };
}
