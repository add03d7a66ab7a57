import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import type { Affine } from '../../../src/grid/affine.js';
import { seeded } from '../mutate.js';
import { writeTiff, type ImageSpec, type TagSpec } from '../../raster/cog/tiff-writer.js';

/** An image in memory: `data` row by row. */
export type Plane = { readonly width: number; readonly height: number; readonly data: readonly number[] };

/** Blobs of values 0 to `most`, seeded. */
export function blobs(seed: number, width: number, height: number, most: number): Plane {
  const random = seeded(seed);
  const data = Array.from({ length: width * height }, () => 0);
  for (let i = 0; i < data.length; i++) {
    const neighbour = i % width > 0 && random() < 0.5 ? i - 1 : i - width;
    data[i] = neighbour >= 0 && random() < 0.8 ? data[neighbour]! : Math.floor(random() * (most + 1));
  }
  return { width, height, data };
}

type GeoTiff = { readonly transform?: Affine; readonly epsg?: number; readonly point?: boolean } & Partial<ImageSpec>;

/** A GeoTIFF of one band; `transform` speaks of pixel corners unless `point` says centres. */
export function geoTiff(
  { width, height, data }: Plane,
  { transform, epsg, point = false, ...image }: GeoTiff = {},
): Uint8Array {
  const [a, b, c, d, e, f] = transform ?? [1, 0, 0, 0, -1, 0];
  const model = epsg === 4326 ? 2 : 1;
  const key = epsg === 4326 ? 2048 : 3072;
  const tags: TagSpec[] = [];
  if (transform !== undefined)
    tags.push({ tag: 34_264, type: 12, values: [a, b, 0, c, d, e, 0, f, 0, 0, 0, 0, 0, 0, 0, 1] });
  if (epsg !== undefined || point) {
    const keys = [1024, 0, 1, model, 1025, 0, 1, point ? 2 : 1, ...(epsg === undefined ? [] : [key, 0, 1, epsg])];
    tags.push({ tag: 34_735, type: 3, values: [1, 1, 0, keys.length / 4, ...keys] });
  }
  const value = ({ row, col }: { row: number; col: number }) => data[row * width + col]!;
  return writeTiff({ images: [{ width, height, value, ...image, tags: [...tags, ...(image.tags ?? [])] }] });
}

export type PngKind = 'grey' | 'indexed' | 'rgb' | 'rgba' | 'colours';
const COLOUR_TYPE: Readonly<Record<PngKind, number>> = { grey: 0, rgb: 2, colours: 2, indexed: 3, rgba: 6 };
const CHANNELS: Readonly<Record<PngKind, number>> = { grey: 1, rgb: 3, colours: 3, indexed: 1, rgba: 4 };

/** A PNG whose samples are `data` as they are; `rgb` and `rgba` have the value three times, `colours` are blue. */
export function png({ width, height, data }: Plane, kind: PngKind = 'grey', depth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, COLOUR_TYPE[kind], 0, 0, 0], 8);
  const rows = Array.from({ length: height }, (_, y) => {
    const samples = data.slice(y * width, (y + 1) * width).flatMap((value) => {
      if (kind === 'colours') return [value, value, 255];
      return kind === 'rgba' ? [value, value, value, 255] : Array.from({ length: CHANNELS[kind] }, () => value);
    });
    return Buffer.concat([Buffer.of(0), packed(samples, depth)]);
  });
  const palette = Buffer.from(Array.from({ length: 2 ** Math.min(8, depth) * 3 }, (_, i) => (i * 37) % 251));
  return Buffer.concat([
    Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(kind === 'indexed' ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function packed(samples: readonly number[], depth: number): Buffer {
  const bits = samples.map((sample) => sample.toString(2).padStart(depth, '0')).join('');
  return Buffer.from(
    Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
      parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2),
    ),
  );
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** The text of a world file: its last two numbers place the centre of the upper left pixel. */
export function worldFile([a, b, c, d, e, f]: Affine): string {
  return [a, d, b, e, c + (a + b) / 2, f + (d + e) / 2].map(String).join('\n');
}

/** Write a file below a folder, whose folders are made. Gives its path. */
export function put(folder: string, name: string, content: string | Uint8Array | object): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  const plain = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, plain ? content : JSON.stringify(content));
  return path;
}

/** A PNG whose header says another size than its pixels have. */
export function resized(bytes: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt32BE(width, 16);
  copy.writeUInt32BE(height, 20);
  return sealed(copy);
}

/** A PNG whose header says that it is interlaced. */
export function interlaced(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[28] = 1;
  return sealed(copy);
}

function sealed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}

/** A small TIFF whose header says that it has so many pixels, in tiles of which none is stored. */
export function sparseTiff(width: number, height: number, transform: Affine): Uint8Array {
  const small = geoTiff(
    { width: 16, height: 16, data: [] },
    { transform, epsg: 32_633, tile: { width: 16, height: 16 }, sparse: () => true },
  );
  const view = new DataView(small.buffer);
  const start = view.getUint32(4, true);
  for (let i = 0; i < view.getUint16(start, true); i++) {
    const entry = start + 2 + i * 12;
    const tag = view.getUint16(entry, true);
    const value = tag === 256 || tag === 322 ? width : tag === 257 || tag === 323 ? height : null;
    if (value === null) continue;
    view.setUint16(entry + 2, 4, true);
    view.setUint32(entry + 8, value, true);
  }
  return small;
}
