import { isCubeError } from '../errors.js';
import { specError } from '../cube/spec-error.js';
import { placeNaming } from './graph.js';
import type { Jinja } from './jinja.js';
import { plainValue } from './plain-value.js';
import type { ConfigValues } from './project-settings.js';
import type { ModelValue } from './project.js';
import { templateGlobals } from './template-globals.js';

/** What a template asks for when it is rendered. */
export type Scan = {
  readonly refs: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
  /** What `config()` was called with; later calls win. */
  readonly config: ConfigValues;
};

/** A template and where it stands. */
export type Template = { readonly path: string; readonly text: string };

/**
 * Render templates to see what they ask for, as a first run and as an incremental one, since each may read what the other does not.
 * Problem: `invalid-spec` at the place.
 */
export function scanTemplates(
  jinja: Jinja,
  templates: readonly Template[],
  vars: { readonly [name: string]: ModelValue },
): Scan {
  const [refs, sources] = [new Set<string>(), new Set<string>()];
  const config: Record<string, ModelValue> = {};
  const context = {
    vars,
    ref: (name: string) => {
      refs.add(name);
      return 'a_model';
    },
    source: (group: string, table: string) => {
      sources.add(`${group}.${table}`);
      return 'a_source';
    },
    own: 'this_model',
    config: (values: ReadonlyMap<string, unknown>) => Object.assign(config, plainValue(values)),
    execute: false,
  };
  for (const { path, text } of templates) {
    for (const isIncremental of [false, true]) {
      atPlace(path, text, () => jinja.render(path, text, templateGlobals({ ...context, isIncremental })));
    }
  }
  return { refs, sources, config };
}

/** What a function of a template refuses, as a problem of the line that names what it was asked for. */
export function atPlace<T>(path: string, text: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!isCubeError(error, 'invalid-argument')) throw error;
    const { what, fix } = error.problem;
    const names = Array.from(what.matchAll(/"([^"]+)"|\b([A-Z][A-Z0-9_]+)\b/g), ([, quoted, bare]) => quoted ?? bare!);
    const place = names.map((name) => placeNaming(path, text, name)).find((one) => one !== path) ?? path;
    throw specError(place, what, fix);
  }
}
