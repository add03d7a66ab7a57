import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { simdPath } from '../../src/native/load.js';

const ADDON = fileURLToPath(new URL('../../native/core.node', import.meta.url));

/** Warps of a seeded raster by every kernel and type, and predictors of every width, as one hash, and the path that made them. Runs in a process of its own. */
function digest({ addon }: { addon: string }): void {
  const native = process.getBuiltinModule('node:module').createRequire(addon)(addon);
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  const [width, height, side] = [200, 60, 170];
  let [state, failed] = [7, 0];
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const types = [
    Int8Array,
    Uint8Array,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    null,
    null,
    Float32Array,
    Float64Array,
  ];
  types.forEach((Type, type) => {
    if (Type === null) return;
    const samples = new Type(width * height);
    for (let i = 0; i < samples.length; i++) samples[i] = next() * 200 - (type % 2 ? 0 : 100);
    const source = new Uint8Array(samples.buffer);
    const valid = Uint8Array.from({ length: width * height }, () => (next() < 0.97 ? 1 : 0));
    for (let kernel = 0; kernel < 14; kernel++) {
      for (const scale of [0.6, 1, 2.3]) {
        const pixels = side * 20;
        const target = new Uint8Array(pixels * Type.BYTES_PER_ELEMENT);
        const states = new Uint8Array(pixels);
        const numbers = Float64Array.of(width, height, 0, 0, 0, 0, width, height, scale, scale, 0, 0, side, 20, 1);
        const matrix = Float64Array.of(scale, 0.013, 1.7, -0.011, scale, 2.3);
        const none = [new Uint8Array(0), new Uint32Array(0), new Float64Array(0)];
        const mask = scale === 1 ? none[0] : valid;
        const code = native.warpPlane(kernel, type, type, source, mask, target, states, numbers, matrix, ...none);
        hash.update(target).update(states);
        if (code !== 0) failed++;
      }
    }
  });
  for (const predictor of [2, 3]) {
    for (const elementSize of predictor === 2 ? [1, 2, 4, 8] : [2, 4, 8]) {
      for (const samplesPerPixel of [1, 2, 3, 4, 8]) {
        const rowSamples = 37 * samplesPerPixel;
        const stored = Uint8Array.from({ length: 3 * rowSamples * elementSize }, () => next() * 256);
        const samples = new Uint8Array(stored.length);
        const coding = { compression: 0, elementSize, swapBytes: false, predictor, rowSamples, samplesPerPixel };
        const count = native.decodeTile(stored, samples, { ...coding, needed: stored.length, surplus: false });
        hash.update(samples);
        if (count !== stored.length) failed++;
      }
    }
  }
  console.log(JSON.stringify({ path: native.simdPath(), failed, digest: hash.digest('hex') }));
}

function run(simd: string): { readonly path: string; readonly failed: number; readonly digest: string } {
  const script = `(${digest.toString()})(${JSON.stringify({ addon: ADDON })})`;
  const output = execFileSync(process.execPath, ['-e', script], {
    encoding: 'utf8',
    env: { ...process.env, HELIOCUBE_SIMD: simd },
  });
  return JSON.parse(output);
}

describe.skipIf(simdPath() === null)('the addon with HELIOCUBE_SIMD=off', () => {
  it('uses scalar kernels, whose results are the same bits', () => {
    const [scalar, best] = [run('off'), run('on')];
    expect(scalar).toMatchObject({ path: 'scalar', failed: 0 });
    expect(best.digest).toBe(scalar.digest);
  });
});
