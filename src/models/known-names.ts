import { nearestKey } from '../cube/nearest-key.js';
import { specError } from '../cube/spec-error.js';
import { placeNaming } from './graph.js';
import type { Model, ModelSource } from './project.js';

/** What names in templates may mean. */
export type KnownNames = {
  readonly models: ReadonlyMap<string, Model>;
  /** Those that are not enabled, too. */
  readonly all: ReadonlyMap<string, Model>;
  readonly sources: ReadonlyMap<string, ModelSource>;
};

/** Throws `invalid-spec` with the line for the first reference to what is not there. */
export function assertKnown(
  { path, text, refs, sources }: Pick<Model, 'path' | 'text' | 'refs' | 'sources'>,
  known: KnownNames,
): void {
  const missing = refs.find((ref) => !known.models.has(ref));
  if (missing !== undefined) {
    const what = known.all.has(missing) ? `the model "${missing}" is not enabled` : `there is no model "${missing}"`;
    throw specError(placeNaming(path, text, missing), what, suggestion(missing, known.models.keys()));
  }
  const absent = sources.find((source) => !known.sources.has(source));
  if (absent === undefined) return;
  const place = placeNaming(path, text, absent.split('.').at(-1)!);
  throw specError(place, `there is no source "${absent}"`, suggestion(absent, known.sources.keys()));
}

/** A fix for a name that is not there. */
export function suggestion(name: string, known: Iterable<string>): string | undefined {
  const near = nearestKey(name, [...known]);
  return near === null ? undefined : `did you mean "${near}"?`;
}
