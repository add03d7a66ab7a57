import { describe, expect, it } from 'vitest';
import { parseSpec } from '../../src/cube/parse-spec.js';
import { isCubeError } from '../../src/errors.js';
import { seededRandom } from '../../src/sample/random.js';

const SEED = 41;
const MUTANTS = 5000;
const SPEC = `name: austria
source:
  stac: ./catalog.json
  collections: [sentinel-2-l2a]
  datetime: 2023-08-01/2023-08-31
  query: { "eo:cloud_cover": { lt: 60 } }
labels: { path: ./photovoltaic.shp, where: "area_geod_m2 >= 100", h3: 10 }
bands: [blue, green, red, nir, scl]
grid: { crs: "EPSG:32633", resolution: 10, extent: [0, 0, 100, 100], anchor: edge, chunk: 512, shard: null }
time: { groupby: solar_day }
mask: { band: scl, values: [3, 8, 9, 10, 11], dilate: 20 }
mosaic: first
nodata: 0
scale: false
resampling: { "*": nearest }
clip: { mode: chunks, buffer: 150 }
output: { cube: ./out/austria.zarr, codec: { name: blosc, level: 1 } }
`;
const PIECES = [
  '&a [*a]',
  '*a',
  '!!js/function x',
  '{',
  '}',
  ']',
  '"',
  '\u0000',
  '---',
  '1e999',
  '-1',
  'null',
  '__proto__: 1',
  '\t',
  '🛰',
  '? ',
  '<<: *a',
];

/** Bytes cut out, doubled, replaced, or pieces of YAML put in. */
function mutate(text: string, random: () => number): string {
  let mutant = text;
  for (let change = 0; change <= random() * 4; change++) {
    const at = Math.floor(random() * mutant.length);
    const length = Math.floor(random() * 12);
    const kind = Math.floor(random() * 4);
    const piece = PIECES[Math.floor(random() * PIECES.length)]!;
    if (kind === 0) mutant = mutant.slice(0, at) + mutant.slice(at + length);
    else if (kind === 1)
      mutant = mutant.slice(0, at) + mutant.slice(at, at + length).repeat(3) + mutant.slice(at + length);
    else if (kind === 2)
      mutant = mutant.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + mutant.slice(at + 1);
    else mutant = mutant.slice(0, at) + piece + mutant.slice(at);
  }
  return mutant;
}

describe('hostile specifications', () => {
  it(`${MUTANTS} mutants give a specification or invalid-spec (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    let sound = 0;
    for (let i = 0; i < MUTANTS; i++) {
      const mutant = mutate(SPEC, random);
      try {
        expect(typeof parseSpec(mutant).name).toBe('string');
        sound++;
      } catch (error) {
        expect(isCubeError(error, 'invalid-spec'), `mutant ${i}: ${String(error)}\n${mutant}`).toBe(true);
      }
    }
    expect(sound).toBeGreaterThan(0);
    expect(sound).toBeLessThan(MUTANTS);
  });

  it('a bomb of aliases is refused before it grows', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) =>
        `a${i}: &a${i} [${Array(10)
          .fill(i === 0 ? 'x' : `*a${i - 1}`)
          .join(', ')}]`,
    );
    expect(() => parseSpec(levels.join('\n'))).toThrowError(/invalid-spec/);
  });
});
