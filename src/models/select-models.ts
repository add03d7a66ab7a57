import { CubeError } from '../errors.js';
import { nearestKey } from '../cube/nearest-key.js';
import { downstreamOf, upstreamOf } from './graph.js';
import type { Model } from './project.js';

/** What is chosen of the models; texts as dbt has them. */
export type ModelSelection = {
  /** All where it is left out. A model is chosen by any of them. */
  readonly select?: readonly string[];
  readonly exclude?: readonly string[];
};

/**
 * Names of the chosen models. A selector is a name (with `*` for any text), a folder's name, `tag:NAME` or `path:PATH`; a `+` before
 * it adds what it reads, behind it what reads it; a comma stands for "and". Problem: `invalid-argument` for one that chooses nothing.
 */
export function selectModels(
  models: ReadonlyMap<string, Model>,
  { select, exclude = [] }: ModelSelection,
): Set<string> {
  const chosen = select === undefined ? new Set(models.keys()) : unionOf(models, select);
  for (const name of unionOf(models, exclude)) chosen.delete(name);
  return chosen;
}

function unionOf(models: ReadonlyMap<string, Model>, selectors: readonly string[]): Set<string> {
  const words = selectors.flatMap((text) => text.split(/\s+/)).filter((word) => word !== '');
  return new Set(words.flatMap((word) => [...intersectionOf(models, word)]));
}

function intersectionOf(models: ReadonlyMap<string, Model>, word: string): Set<string> {
  const [first, ...others] = word.split(',').map((part) => matchesOf(models, part));
  return new Set([...first!].filter((name) => others.every((other) => other.has(name))));
}

function matchesOf(models: ReadonlyMap<string, Model>, part: string): Set<string> {
  const [, before, body, after] = /^(\+?)(.*?)(\+?)$/.exec(part)!;
  const names = [...models.values()].filter((model) => isMeant(model, body!)).map(({ name }) => name);
  if (names.length === 0) throw nothing(models, part, body!);
  const found = new Set(names);
  if (before === '+') for (const name of upstreamOf(models, names)) found.add(name);
  if (after === '+') for (const name of downstreamOf(models, names)) found.add(name);
  return found;
}

function isMeant({ name, path, config }: Model, body: string): boolean {
  if (body.startsWith('tag:')) return config.tags.includes(body.slice('tag:'.length));
  if (body.startsWith('path:')) return isBelow(path, body.slice('path:'.length));
  return isLike(name, body) || path.split('/').slice(0, -1).includes(body);
}

/** Whether a path is the other one or lies in it. */
function isBelow(path: string, folder: string): boolean {
  const plain = folder.replace(/^\.\//, '').replace(/\/+$/, '');
  return path === plain || path.startsWith(`${plain}/`);
}

function isLike(name: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function nothing(models: ReadonlyMap<string, Model>, part: string, body: string): CubeError {
  const near = nearestKey(body, [...models.keys()]);
  const fix = near === null ? 'give a name, a folder, tag:NAME or path:PATH' : `did you mean "${near}"?`;
  return new CubeError({ kind: 'invalid-argument', what: `the selector "${part}" chooses no model`, fix });
}
