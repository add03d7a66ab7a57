import fc from 'fast-check';
import { openSync, closeSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { COMPRESSION, FAILURE } from '../../src/native/codec-types.js';
import type { DecodeTiles, TileBatch } from '../../src/native/tile-batch.js';
import { nativeTileBatch } from '../../src/native/tiles.js';
import { decodeTiles as twin } from '../../src/native/twin/tile-batch.js';
import { temporaryFolder } from '../lake/temporary.js';

const addon = nativeTileBatch();
const implementations: readonly (readonly [string, DecodeTiles])[] = [
  ['twin', twin],
  ...(addon === null ? [] : ([['addon', addon]] as const)),
];

const WIDTH = 40;
const HEIGHT = 30;
/** Samples of two bytes whose bytes all differ from their neighbours'. */
const tile = (seed: number) =>
  Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 7919 + seed * 104_729) & 0xffff);
const bytesOf = (samples: Uint16Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
const deflated = (seed: number) => new Uint8Array(deflateSync(bytesOf(tile(seed))));

const coding = {
  compression: COMPRESSION.zlib,
  elementSize: 2,
  swapBytes: false,
  predictor: 1,
  rowSamples: WIDTH,
  samplesPerPixel: 1,
  needed: 0,
  surplus: false,
} as const;

function batchOf(change: Partial<TileBatch>): TileBatch {
  return {
    file: -1,
    paths: [],
    inputs: [deflated(1)],
    tiles: Float64Array.of(0, 0, 0, 0, 1),
    parts: Float64Array.of(0, 0, WIDTH, 1, 0, WIDTH, HEIGHT, WIDTH),
    destinations: [new Uint8Array(2 * WIDTH * HEIGHT)],
    coding,
    tileBytes: 2 * WIDTH * HEIGHT,
    threads: 2,
    cancel: new Int32Array(new SharedArrayBuffer(4)),
    ...change,
  };
}

const path = join(temporaryFolder(), 'tiles.bin');
writeFileSync(path, Buffer.concat([Buffer.alloc(10), deflated(2), bytesOf(tile(3)), deflated(4)]));
const file = openSync(path, 'r');
afterAll(() => closeSync(file));
const START = { 2: 10, 3: 10 + deflated(2).length, 4: 10 + deflated(2).length + 2 * WIDTH * HEIGHT } as const;

describe.each(implementations)('%s: a batch of tiles', (name, decode) => {
  it('puts any boxes of any tiles where they belong, and nothing elsewhere', async () => {
    const box = fc.record({
      seed: fc.nat(3),
      col: fc.nat(WIDTH - 1),
      row: fc.nat(HEIGHT - 1),
      width: fc.integer({ min: 1, max: WIDTH }),
      height: fc.integer({ min: 1, max: HEIGHT }),
      every: fc.integer({ min: 1, max: 3 }),
    });
    const property = fc.asyncProperty(fc.array(box, { minLength: 1, maxLength: 6 }), async (boxes) => {
      const sizes = boxes.map(({ col, row, width, height, every }) => ({
        width: Math.ceil(Math.min(width, WIDTH - col) / every),
        height: Math.min(height, HEIGHT - row),
      }));
      // Side by side in one destination, with a column of guards behind each.
      const stride = sizes.reduce((sum, { width }) => sum + width + 1, 0);
      const found = new Uint16Array(stride * HEIGHT).fill(9);
      const expected = found.slice();
      let left = 0;
      const rows = boxes.map(({ seed, col, row, every }, i) => {
        const { width, height } = sizes[i]!;
        for (let r = 0; r < height; r++)
          for (let c = 0; c < width; c++)
            expected[r * stride + left + c] = tile(seed)[(row + r) * WIDTH + col + c * every]!;
        const part = [0, row * WIDTH + col, WIDTH, every, left, stride, height, width];
        left += width + 1;
        return { seed, part };
      });
      const codes = await decode(
        batchOf({
          inputs: rows.map(({ seed }) => deflated(seed)),
          tiles: Float64Array.from(rows.flatMap((_, i) => [i, 0, 0, 0, 1])),
          parts: Float64Array.from(rows.flatMap(({ part }) => part)),
          destinations: [bytesOf(found)],
        }),
      );
      expect([...codes]).toEqual(rows.map(() => 0));
      expect(found).toEqual(expected);
    });
    await fc.assert(property, { seed: 5, numRuns: 60 });
  });

  it('reads tiles of a file, whole or a first part and then the rest, and plain ones', async () => {
    const found = [2, 3, 4].map(() => new Uint16Array(WIDTH * HEIGHT));
    const whole = (plane: number) => [plane, 0, WIDTH, 1, 0, WIDTH, HEIGHT, WIDTH];
    const common = { file, inputs: [], destinations: found.map(bytesOf) };
    const length = deflated(2).length;
    const codes = await decode(
      batchOf({
        ...common,
        tiles: Float64Array.of(-1, START[2], length, length, 1, -1, START[4], deflated(4).length, 20, 1),
        parts: Float64Array.of(...whole(0), ...whole(2)),
      }),
    );
    expect([...codes]).toEqual([0, 0]);
    const plain = { ...coding, compression: COMPRESSION.none };
    const tiles = Float64Array.of(-1, START[3], 2 * WIDTH * HEIGHT, 2 * WIDTH * HEIGHT, 1);
    // The last two rows and three columns of them.
    const from = (HEIGHT - 2) * WIDTH + WIDTH - 3;
    const parts = Float64Array.of(1, from, WIDTH, 1, 5, WIDTH, 2, 3);
    expect([...(await decode(batchOf({ ...common, tiles, parts, coding: plain })))]).toEqual([0]);
    expect(found[0]).toEqual(tile(2));
    expect(found[2]).toEqual(tile(4));
    const corner = new Uint16Array(WIDTH * HEIGHT);
    for (const row of [0, 1]) corner.set(tile(3).subarray(from + row * WIDTH, from + row * WIDTH + 3), 5 + row * WIDTH);
    expect(found[1]).toEqual(corner);
  });

  it('swaps bytes and undoes predictors', async () => {
    const differences = tile(1).map((value, i, all) => (i % WIDTH === 0 ? value : value - all[i - 1]!));
    const stored = new Uint8Array(deflateSync(Buffer.from(bytesOf(differences)).swap16()));
    const found = new Uint16Array(15);
    const parts = Float64Array.of(0, 3 * WIDTH + 4, WIDTH, 1, 0, 5, 3, 5);
    const batch = {
      inputs: [stored],
      parts,
      destinations: [bytesOf(found)],
      coding: { ...coding, swapBytes: true, predictor: 2 },
    };
    expect([...(await decode(batchOf(batch)))]).toEqual([0]);
    expect([...found]).toEqual([3, 4, 5].flatMap((row) => [...tile(1).subarray(row * WIDTH + 4, row * WIDTH + 9)]));
  });

  it('undoes the byte planes of a whole tile', async () => {
    const planes = new Uint8Array(2 * WIDTH * HEIGHT);
    for (const [i, value] of tile(1).entries()) [planes[i], planes[WIDTH * HEIGHT + i]] = [value >> 8, value & 0xff];
    const inputs = [new Uint8Array(deflateSync(planes)), planes];
    const whole = { ...coding, swapBytes: true, predictor: 4, rowSamples: WIDTH * HEIGHT };
    for (const [input, compression] of [COMPRESSION.zlib, COMPRESSION.none].entries()) {
      const found = new Uint16Array(15);
      const batch = {
        inputs: [inputs[input]!],
        parts: Float64Array.of(0, 3 * WIDTH + 4, WIDTH, 1, 0, 5, 3, 5),
        destinations: [bytesOf(found)],
        coding: { ...whole, compression },
      };
      expect([...(await decode(batchOf(batch)))]).toEqual([0]);
      expect([...found]).toEqual([3, 4, 5].flatMap((row) => [...tile(1).subarray(row * WIDTH + 4, row * WIDTH + 9)]));
    }
  });

  it('says for each tile why it failed, and decodes the others', async () => {
    const short = new Uint8Array(deflateSync(new Uint8Array(2 * WIDTH * HEIGHT - 2)));
    const long = new Uint8Array(deflateSync(new Uint8Array(2 * WIDTH * HEIGHT + 2)));
    const inputs = [deflated(1), Uint8Array.of(1, 2, 3), short, long];
    const found = new Uint8Array(2 * WIDTH * HEIGHT);
    const others = inputs.map(() => new Uint8Array(2 * WIDTH * HEIGHT));
    const codes = await decode(
      batchOf({
        file,
        inputs,
        tiles: Float64Array.of(3, 0, 0, 0, 1, 1, 0, 0, 0, 1, 2, 0, 0, 0, 1, -1, 1e6, 10, 10, 1, 0, 0, 0, 0, 1),
        parts: Float64Array.from([1, 2, 3, 4, 0].flatMap((to) => [to, 0, WIDTH, 1, 0, WIDTH, HEIGHT, WIDTH])),
        destinations: [found, ...others],
      }),
    );
    expect([...codes]).toEqual([FAILURE.surplus, FAILURE.corrupt, FAILURE.short, FAILURE.unread, 0]);
    expect(found).toEqual(bytesOf(tile(1)));
  });

  it('begins nothing when it is cancelled', async () => {
    const batch = batchOf({ cancel: new Int32Array(new SharedArrayBuffer(4)).fill(1) });
    expect([...(await decode(batch))]).toEqual([FAILURE.cancelled]);
    expect(batch.destinations[0]!.every((byte) => byte === 0)).toBe(true);
  });

  const whole = [0, 0, WIDTH, 1, 0, WIDTH, HEIGHT, WIDTH];
  const odd: readonly (readonly [string, Partial<TileBatch>])[] = [
    ['a part behind the tile', { parts: Float64Array.of(0, 1, WIDTH, 1, 0, WIDTH, HEIGHT, WIDTH) }],
    ['a part behind its destination', { parts: Float64Array.of(0, 0, WIDTH, 1, 1, WIDTH, HEIGHT, WIDTH) }],
    ['a destination that is not there', { parts: Float64Array.of(1, ...whole.slice(1)) }],
    ['a size of nothing', { parts: Float64Array.of(0, 0, WIDTH, 1, 0, WIDTH, 0, WIDTH) }],
    ['a number below 0', { parts: Float64Array.of(0, -1, WIDTH, 1, 0, WIDTH, 2, WIDTH) }],
    ['half a sample', { parts: Float64Array.of(0, 0.5, WIDTH, 1, 0, WIDTH, 2, WIDTH) }],
    ['no number', { parts: Float64Array.of(0, NaN, WIDTH, 1, 0, WIDTH, 2, WIDTH) }],
    [
      'numbers too large to add',
      { parts: Float64Array.of(0, 2 ** 53, 2 ** 53, 2 ** 53, 2 ** 53, 2 ** 53, 2 ** 53, 9) },
    ],
    ['rows that overlap', { parts: Float64Array.of(0, 0, WIDTH, 1, 0, 3, 2, 4) }],
    ['half a part', { parts: Float64Array.of(0, 0, WIDTH) }],
    ['an input that is not there', { tiles: Float64Array.of(1, 0, 0, 0, 1) }],
    ['a tile without parts', { tiles: Float64Array.of(0, 0, 0, 0, 0) }],
    ['parts without a tile', { parts: Float64Array.of(...whole, ...whole) }],
    ['a tile of no bytes', { tileBytes: 0 }],
    ['a tile of any size', { tileBytes: 2 ** 40 }],
    ['an element of three bytes', { coding: { ...coding, elementSize: 3 } }],
  ];
  it.each(odd)('refuses %s', async (_, change) => {
    const batch = batchOf(change);
    const codes = await decode(batch);
    expect([...codes]).toEqual([FAILURE.badArgument]);
    expect(batch.destinations[0]!.every((byte) => byte === 0)).toBe(true);
  });

  it.runIf(name === 'addon')('refuses parts that meet, in one destination or through common memory', async () => {
    const two = { tiles: Float64Array.of(0, 0, 0, 0, 2) };
    const apart = Float64Array.of(0, 0, WIDTH, 1, 0, WIDTH, 3, 4, 0, 0, WIDTH, 1, 2 * WIDTH + 4, WIDTH, 3, 4);
    expect([...(await decode(batchOf({ ...two, parts: apart })))]).toEqual([0]);
    const meeting = Float64Array.of(0, 0, WIDTH, 1, 0, WIDTH, 3, 4, 0, 0, WIDTH, 1, 2 * WIDTH + 3, WIDTH, 3, 4);
    expect([...(await decode(batchOf({ ...two, parts: meeting })))]).toEqual([FAILURE.badArgument]);
    const memory = new Uint8Array(4 * WIDTH * HEIGHT);
    const half = 2 * WIDTH * HEIGHT;
    const parts = Float64Array.of(...whole, 1, ...whole.slice(1));
    const shared = (start: number) => [memory.subarray(0, half), memory.subarray(start, start + half)];
    expect([...(await decode(batchOf({ ...two, parts, destinations: shared(half) })))]).toEqual([0]);
    expect([...(await decode(batchOf({ ...two, parts, destinations: shared(half - 2) })))]).toEqual([
      FAILURE.badArgument,
    ]);
    const input = memory.subarray(0, 8);
    expect([...(await decode(batchOf({ inputs: [input], destinations: shared(half) })))]).toEqual([
      FAILURE.badArgument,
    ]);
  });
});
