import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATUS, candidateStatus } from '../../src/cube/candidate-status.js';
import { CompositeFuser } from '../../src/cube/composite-fuser.js';
import { FirstFuser } from '../../src/cube/first-fuser.js';
import type { FuseInput } from '../../src/cube/fuser.js';
import { REASON } from '../../src/cube/reason.js';
import type { BandPlan } from '../../src/cube/task.js';

const PIXELS = 6;
const WINDOW = { col: 0, row: 0, width: PIXELS, height: 1 };
const RED: BandPlan = {
  name: 'red',
  written: true,
  dtype: 'uint16',
  fill: 0,
  resampling: 'nearest',
  classes: false,
  scaled: false,
};
const SCL: BandPlan = { ...RED, name: 'scl', dtype: 'uint8', classes: true };
const SCALES = [
  { scale: 1, offset: 0 },
  { scale: 1, offset: 0 },
];

type Offer = { status: number[]; red: number[]; scl: number[] };

const offers = fc.array(
  fc.record({
    status: fc.oneof(
      fc.array(fc.constantFrom(0, 1, 2, 3, 4), { minLength: PIXELS, maxLength: PIXELS }),
      fc.constant(Array.from({ length: PIXELS }, () => STATUS.usable as number)),
    ),
    red: fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: PIXELS, maxLength: PIXELS }),
    scl: fc.array(fc.integer({ min: 1, max: 11 }), { minLength: PIXELS, maxLength: PIXELS }),
  }),
  { maxLength: 5 },
);

function inputOf({ status, red, scl }: Offer): FuseInput {
  const state = Uint8Array.from(status, (s) => (s === STATUS.usable ? 1 : 2));
  return {
    status: Uint8Array.from(status),
    usable: status.every((one) => one === STATUS.usable),
    planes: [
      { window: WINDOW, data: Uint16Array.from(red), state },
      { window: WINDOW, data: Uint8Array.from(scl), state },
    ],
    scales: SCALES,
  };
}

/** The rule in the words of the architecture, one pixel at a time. */
function slowFirst(candidates: readonly Offer[], i: number): { reason: number; red: number; scl: number } {
  let reason: number = REASON.outside;
  let scl = 0;
  for (const { status, red, scl: classes } of candidates) {
    if (status[i] === STATUS.failed) return { reason: REASON.failed, red: 0, scl: 0 };
    if (status[i] === STATUS.usable) return { reason: REASON.valid, red: red[i]!, scl: classes[i]! };
    if (status[i] === STATUS.masked && reason !== REASON.masked) {
      reason = REASON.masked;
      scl = classes[i]!;
    }
    if (status[i] === STATUS.nodata && reason === REASON.outside) reason = REASON.nodata;
  }
  return { reason, red: 0, scl };
}

describe('T3 joint fusing', () => {
  it('T3 first usable candidate gives all bands, as the slow rule does', () => {
    fc.assert(
      fc.property(offers, (candidates) => {
        const fuser = new FirstFuser([RED, SCL], 1, PIXELS);
        for (const one of candidates) if (!fuser.done) fuser.add(inputOf(one));
        const { bands, reason } = fuser.finish();
        for (let i = 0; i < PIXELS; i++) {
          expect({ reason: reason[i], red: bands[0]![i], scl: bands[1]![i] }).toEqual(slowFirst(candidates, i));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('T3 one band without data takes all bands of the pixel from the next item', () => {
    const planes = (red: number, state: number) => [
      { window: { ...WINDOW, width: 1 }, data: Uint16Array.of(red), state: Uint8Array.of(state) },
      { window: { ...WINDOW, width: 1 }, data: Uint8Array.of(red % 12), state: Uint8Array.of(1) },
    ];
    const fuser = new FirstFuser([RED, SCL], null, 1);
    for (const [red, state] of [
      [0, 2],
      [50, 1],
    ] as const) {
      fuser.add({
        status: candidateStatus(planes(red, state), null),
        usable: false,
        planes: planes(red, state),
        scales: SCALES,
      });
    }
    expect(fuser.finish().bands.map((band) => band![0])).toEqual([50, 2]);
  });

  it('a candidate is masked rather than failed where its mask says so', () => {
    const plane = (state: number) => ({
      window: { ...WINDOW, width: 1 },
      data: Uint16Array.of(1),
      state: Uint8Array.of(state),
    });
    expect([...candidateStatus([plane(3), plane(1)], Uint8Array.of(1))]).toEqual([STATUS.masked]);
    expect([...candidateStatus([plane(3), plane(1)], Uint8Array.of(0))]).toEqual([STATUS.failed]);
    expect([...candidateStatus([plane(3), plane(2)], Uint8Array.of(1))]).toEqual([STATUS.nodata]);
    expect([...candidateStatus([plane(0), plane(0)], null)]).toEqual([STATUS.outside]);
  });
});

describe('T6 composites', () => {
  const rules = {
    min: (values: number[]) => Math.min(...values),
    max: (values: number[]) => Math.max(...values),
    mean: (values: number[]) => Math.round(values.reduce((sum, value) => sum + value, 0) / values.length),
    median: (values: number[]) => {
      const sorted = values.toSorted((a, b) => a - b);
      const half = sorted.length >> 1;
      return sorted.length % 2 === 1 ? sorted[half]! : Math.round((sorted[half - 1]! + sorted[half]!) / 2);
    },
    count: (values: number[]) => values.length,
  } as const;

  for (const rule of Object.keys(rules) as (keyof typeof rules)[]) {
    it(`T6 ${rule} ignores masked and empty pixels, and a failed read decides`, () => {
      fc.assert(
        fc.property(offers, (candidates) => {
          const fuser = new CompositeFuser([RED, SCL], rule, 1, PIXELS);
          for (const one of candidates) fuser.add(inputOf(one));
          const { bands, reason, count } = fuser.finish();
          for (let i = 0; i < PIXELS; i++) {
            const usable = candidates.filter(({ status }) => status[i] === STATUS.usable);
            const failed = candidates.some(({ status }) => status[i] === STATUS.failed);
            const valid = usable.length > 0 && !failed;
            expect(reason[i] === REASON.valid).toBe(valid);
            expect(reason[i] === REASON.failed).toBe(failed);
            expect(bands[0]![i]).toBe(valid ? rules[rule](usable.map(({ red }) => red[i]!)) : 0);
            if (valid) expect(bands[1]![i]).toBe(usable[0]!.scl[i]);
            expect(count![i]).toBe(usable.length);
          }
        }),
        { numRuns: 300 },
      );
    });
  }
});

describe('N1 mask, then scale, then fill', () => {
  it('N1 a pixel without data is NaN in a scaled band, never the offset', () => {
    const scaled: BandPlan = { ...RED, dtype: 'float32', fill: Number.NaN, scaled: true };
    const fuser = new FirstFuser([scaled], null, 2);
    const plane = { window: { ...WINDOW, width: 2 }, data: Uint16Array.of(0, 3000), state: Uint8Array.of(2, 1) };
    fuser.add({
      status: candidateStatus([plane], null),
      usable: false,
      planes: [plane],
      scales: [{ scale: 1e-4, offset: -0.1 }],
    });
    const [red] = fuser.finish().bands;
    expect(red![0]).toBeNaN();
    expect(red![1]).toBeCloseTo(0.2, 6);
  });
});
