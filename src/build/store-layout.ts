import type { EncodeSpec } from '../codec/encode-chunk.js';
import { isComposite } from '../cube/mosaic.js';
import type { BuildSpec } from '../cube/spec.js';
import type { BandScale } from '../cube/writer/coordinates.js';
import { cubeLayout } from '../cube/writer/cube-layout.js';
import type { CubeLayout } from '../cube/writer/layout.js';
import type { PreparedBuild } from './prepare.js';

/** Level 1 of blosc (zstd, shuffle) is smaller and faster than plain zstd at 3. */
const DEFAULT_LEVELS = { blosc: 1, zstd: 3, gzip: 6 } as const;

/** The arrays of the cube that a prepared build makes. */
export function storeLayout({ spec, grid, context, times }: PreparedBuild): CubeLayout {
  const bands = context.bands.flatMap(({ name, dtype, fill, written }, index) => {
    const chain = context.tileChains?.bands[index] ?? null;
    return written ? [{ name, dtype, nodata: fill, ...(chain === null ? {} : { chain }) }] : [];
  });
  const composite = isComposite(spec.mosaic);
  const count = {
    name: 'count',
    dtype: 'uint16',
    nodata: null,
    attributes: { long_name: 'number of usable candidates' },
  } as const;
  return cubeLayout({
    grid,
    bands: composite ? [...bands, count] : bands,
    timesMs: times.map(({ timeMs }) => timeMs),
    solarDays: times.map(({ solarDay }) => solarDay),
    items: times.map(({ members }) => members.map(({ id }) => id)),
    codec: encodeSpec(spec),
    shard: spec.grid.shard,
    ...(spec.scale === false ? { scales: recordedScales({ context, times }) } : {}),
  });
}

function encodeSpec({ output: { codec } }: BuildSpec): EncodeSpec {
  if (codec.name === 'none') return { name: 'none' };
  const level = codec.level ?? DEFAULT_LEVELS[codec.name];
  return codec.name === 'blosc'
    ? { name: 'blosc', cname: 'zstd', level, shuffle: 'shuffle' }
    : { name: codec.name, level };
}

/** Scale and offset that the metadata gives for the digital numbers, for bands where any says more than 1 and 0. */
function recordedScales({ context, times }: Pick<PreparedBuild, 'context' | 'times'>): Record<string, BandScale> {
  const scales: Record<string, BandScale> = {};
  for (const [index, { name, written, classes }] of context.bands.entries()) {
    if (!written || classes) continue;
    const first = times.map(({ members }) => members.find(({ bands }) => bands[index] !== null)?.bands[index] ?? null);
    const scale = first.map((source) => source?.scale ?? Number.NaN);
    const offset = first.map((source) => source?.offset ?? Number.NaN);
    if (scale.some((value) => value !== 1) || offset.some((value) => value !== 0)) scales[name] = { scale, offset };
  }
  return scales;
}
