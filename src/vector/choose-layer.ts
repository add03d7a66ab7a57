import { CubeError } from '../errors.js';

/** A layer with geometry of a file that may hold several. */
export type Layer = {
  readonly name: string;
  readonly geometryColumn: string | null;
  readonly crs: string | null;
  /** As the file counts them, or null. */
  readonly featureCount: number | null;
};

/** The layer that is asked for, or the only one; else `invalid-spec` with the names of all. */
export function chooseLayer(layers: readonly Layer[], wanted: string | undefined, path: string): Layer {
  const names = layers.map(({ name }) => name).join(', ');
  if (wanted !== undefined) {
    const layer = layers.find(({ name }) => name === wanted);
    if (layer !== undefined) return layer;
    throw new CubeError({
      kind: 'invalid-spec',
      path: 'labels.layer',
      what: `${path} has no layer "${wanted}"`,
      fix: `one of: ${names}`,
    });
  }
  if (layers.length === 0) throw new CubeError({ kind: 'invalid-data', url: path, what: 'no layer with geometry' });
  if (layers.length === 1) return layers[0]!;
  throw new CubeError({
    kind: 'invalid-spec',
    path: 'labels.layer',
    what: `${path} has ${layers.length} layers`,
    fix: `name one by labels.layer (--layer for cube stats, layer in a manifest): ${names}`,
  });
}
