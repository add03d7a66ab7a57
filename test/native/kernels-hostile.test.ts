import { describe, expect, it } from 'vitest';
import { nativeFunctions } from '../../src/native/load.js';

type Entry = (...values: unknown[]) => unknown;
type Entries = {
  warpPlane: Entry;
  coverPolygons: Entry;
  coverLabels: Entry;
  weightedStatistics: Entry;
  measureLabels: Entry;
};

const native = nativeFunctions<Entries>([
  'warpPlane',
  'coverPolygons',
  'coverLabels',
  'weightedStatistics',
  'measureLabels',
]);
const SEED = 20_260_801;

/** Seeded numbers, most of them small and whole, some of them anything. */
class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed;
  }
  below(n: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }
  number(): number {
    const odd = [NaN, Infinity, -Infinity, -1, 0.5, 1e9, -1e9, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, 1e-300, -0];
    return this.below(12) === 0 ? odd[this.below(odd.length)]! : this.below(12) - 3;
  }
  size(): number {
    return this.below(30) === 0 ? this.number() : this.below(9);
  }
  floats(length: number): Float64Array {
    return Float64Array.from({ length }, () => this.number());
  }
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }
}

/** Arguments that fit together more often than not, so that the loops behind the checks run, too. */
function warpArguments(r: Random): unknown[] {
  const [width, height, mapWidth, mapHeight] = [r.below(9), r.below(9), r.below(9), r.below(9)];
  const sizes = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8];
  const type = r.below(11);
  const target = r.below(3) === 0 ? 8 + r.below(2) : type;
  const wrong = () => (r.below(20) === 0 ? r.below(3) : 0);
  const numbers = [
    width,
    height,
    r.size(),
    r.size(),
    -r.size(),
    -r.size(),
    r.size(),
    r.size(),
    0.5 + r.below(4),
    0.5 + r.below(4),
    r.number(),
    r.number(),
    mapWidth,
    mapHeight,
    1 + r.below(3),
  ];
  if (r.below(8) === 0) numbers[r.below(15)] = r.number();
  const affine = r.below(2) === 0;
  return [
    r.below(16),
    type,
    target,
    r.bytes(width * height * (sizes[type] ?? 1) + wrong()),
    r.below(2) === 0 ? new Uint8Array(0) : Uint8Array.from({ length: width * height + wrong() }, () => r.below(2)),
    new Uint8Array(mapWidth * mapHeight * (sizes[target] ?? 1) + wrong()),
    new Uint8Array(mapWidth * mapHeight + wrong()),
    Float64Array.from(numbers),
    affine ? r.floats(r.below(20) === 0 ? 5 : 6) : new Float64Array(0),
    affine ? new Uint8Array(0) : Uint8Array.from({ length: r.below(5) }, () => [0, 1, 2, 3, 255][r.below(5)]!),
    affine ? new Uint32Array(0) : Uint32Array.from({ length: r.below(5) }, () => (r.below(4) === 0 ? 0xffff_ffff : 0)),
    affine ? new Float64Array(0) : r.floats(r.below(120)),
  ];
}

function coverArguments(r: Random): unknown[] {
  const points = r.below(12);
  const [width, height] = [r.below(9), r.below(9)];
  const window = Float64Array.of(r.below(5) - 2, r.below(5) - 2, width, height);
  if (r.below(10) === 0) window[r.below(4)] = r.number();
  const rings =
    r.below(3) === 0 ? r.floats(2 * points) : Float64Array.from({ length: 2 * points }, () => r.below(1000) / 64 - 4);
  const room = width * height + (r.below(20) === 0 ? -1 : r.below(2));
  const ends =
    r.below(10) === 0
      ? Uint32Array.from({ length: 3 }, () => r.below(20))
      : Uint32Array.of(r.below(points + 1), points);
  const signs = Int8Array.from({ length: ends.length }, () => r.below(4) - 2);
  return [
    rings,
    ends,
    signs,
    window,
    r.below(4),
    r.number(),
    new Uint32Array(Math.max(0, room)),
    new Float64Array(Math.max(0, room)),
  ];
}

function statisticsArguments(r: Random): unknown[] {
  const [count, quantiles] = [r.below(20), r.below(4)];
  const wanted = Float64Array.from({ length: quantiles }, () => (r.below(10) === 0 ? r.number() : r.below(11) / 10));
  return [
    r.floats(count),
    r.floats(r.below(15) === 0 ? r.below(20) : count),
    wanted,
    new Float64Array(10 + quantiles + (r.below(20) === 0 ? 1 : 0)),
  ];
}

function coverLabelsArguments(r: Random): unknown[] {
  const labels = 1 + r.below(3);
  const points = r.below(12);
  const rings = Float64Array.from({ length: 2 * points }, () => r.below(1000) / 64 - 4);
  const ends = Uint32Array.of(r.below(points + 1), points);
  const labelEnds = Uint32Array.from({ length: labels }, (_, i) => (i === labels - 1 ? 2 : r.below(3))).sort();
  const windows = Float64Array.from({ length: 4 * labels }, (_, i) => (i % 4 < 2 ? r.below(5) - 2 : r.below(9)));
  if (r.below(10) === 0) windows[r.below(windows.length)] = r.number();
  const room = r.below(300);
  return [
    rings,
    r.below(10) === 0 ? Uint32Array.from({ length: 2 }, () => r.below(20)) : ends,
    Int8Array.from({ length: 2 }, () => r.below(4) - 2),
    labelEnds,
    windows,
    r.floats(labels),
    r.below(4),
    r.below(labels + 2),
    new Uint32Array(room),
    new Float64Array(room + (r.below(20) === 0 ? 1 : 0)),
    new Uint32Array(r.below(300)),
    new Uint32Array(2 * labels),
    new Float64Array(labels),
  ];
}

function measureArguments(r: Random): unknown[] {
  const sizes = [1, 1, 2, 2, 4, 4, 8, 8, 4, 8];
  const type = r.below(11);
  const [width, height, stride] = [1 + r.below(5), 1 + r.below(5), 5 + r.below(4)];
  const samples = stride * height + r.below(9) - 2;
  const [cells, runs] = [r.below(6), r.below(4)];
  const cell = () => (r.below(30) === 0 ? r.below(2 ** 32) : r.below(width * height));
  const place = [r.below(3), stride, width, height];
  if (r.below(10) === 0) place[r.below(4)] = r.number();
  return [
    type,
    r.bytes(samples * (sizes[type] ?? 1)),
    r.below(2) === 0 ? new Uint8Array(0) : r.bytes(samples),
    r.floats(r.below(3)),
    Uint32Array.of(r.below(20) === 0 ? r.below(4) : 0),
    Float64Array.from(place),
    Uint32Array.from({ length: cells }, cell),
    r.floats(cells),
    Uint32Array.from({ length: 2 * runs }, (_, i) => (i % 2 === 0 ? cell() : 1 + r.below(2))),
    Uint32Array.of(r.below(15) === 0 ? r.below(9) : cells, 2 * runs),
    r.below(2) === 0,
    r.below(2) === 0,
    1 + r.below(3),
    new Float64Array(10 + (r.below(20) === 0 ? 1 : 0)),
  ];
}

describe.skipIf(native === null)('native entries with any arguments', () => {
  it.each([
    ['warpPlane', warpArguments, 40_000],
    ['coverPolygons', coverArguments, 30_000],
    ['weightedStatistics', statisticsArguments, 30_000],
    ['coverLabels', coverLabelsArguments, 30_000],
    ['measureLabels', measureArguments, 30_000],
  ] as const)(`%s answers a code (seed ${SEED})`, (name, make, calls) => {
    const r = new Random(SEED);
    const codes = new Map<string, number>();
    for (let i = 0; i < calls; i++) {
      const code = native![name](...make(r));
      expect(Number.isInteger(code)).toBe(true);
      const kind = Number(code) >= 0 ? 'ok' : String(code);
      codes.set(kind, (codes.get(kind) ?? 0) + 1);
    }
    expect(codes.get('ok') ?? 0).toBeGreaterThan(calls / 20);
    expect(codes.get('-1') ?? 0).toBeGreaterThan(0);
  });

  it('arguments of wrong types are exceptions, not crashes', () => {
    const junk: readonly unknown[] = [
      undefined,
      null,
      'x',
      {},
      [],
      NaN,
      new Float32Array(3),
      new DataView(new ArrayBuffer(2)),
      Symbol('s'),
    ];
    for (const name of ['warpPlane', 'coverPolygons', 'weightedStatistics'] as const) {
      for (const value of junk) expect(() => native![name](...Array.from({ length: 12 }, () => value))).toThrow();
      expect(() => native![name]()).toThrow();
    }
  });

  it('an output that is also an input is refused', () => {
    const shared = new Uint8Array(16);
    const numbers = Float64Array.of(4, 4, 0, 0, 0, 0, 4, 4, 1, 1, 0, 0, 4, 4, 1);
    const identity = Float64Array.of(1, 0, 0, 0, 1, 0);
    const [none8, none32, none64] = [new Uint8Array(0), new Uint32Array(0), new Float64Array(0)];
    const warp = (target: Uint8Array, state: Uint8Array) =>
      native!.warpPlane(0, 1, 1, shared, none8, target, state, numbers, identity, none8, none32, none64);
    expect(warp(shared, new Uint8Array(16))).toBe(-1);
    expect(warp(new Uint8Array(16), shared)).toBe(-1);
    expect(warp(new Uint8Array(16), new Uint8Array(16))).toBe(0);
  });
});
