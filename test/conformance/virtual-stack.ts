import type { BandSource, Candidate } from '../../src/cube/candidate.js';
import { planReferences } from '../../src/cube/virtual/plan-references.js';
import type { VirtualGroup, VirtualStore } from '../../src/cube/virtual/virtual-store.js';
import type { Raster } from '../../src/raster/raster.js';

/** A file alone as references: its bands are `b0`, `b1`, … where they are stored apart, or one array `pixels`. */
export function stackFile(raster: Raster): VirtualStore {
  const level = raster.levels[0]!;
  const { band } = level.axes!;
  const apart = band === null || level.chunkShape[band] === 1;
  const count = apart && band !== null ? level.shape[band]! : 1;
  const sources = Array.from({ length: count }, (_, index): BandSource => {
    const file = raster.bands[index] ?? raster.bands[0]!;
    const at = level.shape.map((_, d) => (d === band ? index : 0));
    const { nodata, scale, offset } = file;
    return { raster, at, nodata, scale, offset, classes: false, href: raster.url };
  });
  const asset = { key: 'pixels', href: raster.url };
  const item = { id: 'file', assets: [asset] };
  const candidate = { item, id: 'file', timeMs: 0, properties: {}, bands: sources, broken: null };
  const bands = sources.map((_, i) => `b${i}`);
  // The item is asked for nothing but the key of its asset.
  return planReferences({ candidates: [candidate as object as Candidate], bands });
}

/** The same groups below another path. */
export function below(path: string, { groups }: VirtualStore): VirtualGroup[] {
  return groups.map((group) => ({ ...group, path: group.path === '' ? path : `${path}/${group.path}` }));
}
