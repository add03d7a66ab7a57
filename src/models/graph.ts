import { specError } from '../cube/spec-error.js';
import { closure } from '../flows/lineage.js';
import type { Model } from './project.js';

/** Models so that each comes behind those that it reads; of equals by name. Problem: `invalid-spec` for a cycle, naming its files. */
export function orderModels(models: ReadonlyMap<string, Model>): Model[] {
  const ordered: Model[] = [];
  const done = new Set<string>();
  const visit = (model: Model, path: readonly Model[]): void => {
    if (done.has(model.name)) return;
    const start = path.indexOf(model);
    if (start >= 0) throw cycleError([...path.slice(start), model]);
    for (const name of model.refs) visit(models.get(name)!, [...path, model]);
    done.add(model.name);
    ordered.push(model);
  };
  for (const name of [...models.keys()].sort()) visit(models.get(name)!, []);
  return ordered;
}

/** The names with those of all models that they read, directly or not. */
export function upstreamOf(models: ReadonlyMap<string, Model>, names: Iterable<string>): Set<string> {
  return closure(names, (name) => models.get(name)?.refs ?? []);
}

/** The names with those of all models that read them, directly or not. */
export function downstreamOf(models: ReadonlyMap<string, Model>, names: Iterable<string>): Set<string> {
  const readers = new Map<string, string[]>();
  for (const { name, refs } of models.values()) {
    for (const ref of refs) readers.set(ref, [...(readers.get(ref) ?? []), name]);
  }
  return closure(names, (name) => readers.get(name) ?? []);
}

/** Line of a text, from 1, that first names what stands in quotes; null where none does. */
export function lineNaming(text: string, name: string): number | null {
  const index = text.split('\n').findIndex((line) => line.includes(`'${name}'`) || line.includes(`"${name}"`));
  return index < 0 ? null : index + 1;
}

/** File and line that name something, for messages. */
export function placeNaming(path: string, text: string, name: string): string {
  const line = lineNaming(text, name);
  return line === null ? path : `${path}:${line}`;
}

function cycleError(cycle: readonly Model[]): Error {
  const [first, second] = [cycle[0]!, cycle[1]!];
  const place = placeNaming(first.path, first.text, second.name);
  const steps = cycle.map(({ name, path }) => `${name} (${path})`).join(' → ');
  return specError(place, `models read each other in a circle: ${steps}`, 'take one of these ref() out');
}
