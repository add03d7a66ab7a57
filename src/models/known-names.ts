import { CubeError } from '../errors.js';
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

/**
 * Throws `invalid-argument` for a variable that nobody reads and that nearly is one of the project: the model would be made with the
 * default. Others pass, as dbt lets them.
 */
export function assertVarsMeant(
  names: readonly string[],
  declared: readonly string[],
  templates: readonly { readonly text: string }[],
): void {
  const isRead = (name: string) =>
    declared.includes(name) || templates.some(({ text }) => text.includes(`'${name}'`) || text.includes(`"${name}"`));
  for (const name of names) {
    const near = isRead(name) ? null : nearestKey(name, declared);
    if (near === null) continue;
    throw new CubeError({
      kind: 'invalid-argument',
      what: `no model reads the variable "${name}"`,
      fix: `did you mean "${near}"?`,
    });
  }
}

/** A fix for a name that is not there. */
export function suggestion(name: string, known: Iterable<string>): string | undefined {
  const near = nearestKey(name, [...known]);
  return near === null ? undefined : `did you mean "${near}"?`;
}
