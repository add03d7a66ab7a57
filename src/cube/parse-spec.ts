import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { CubeError } from '../errors.js';
import { specSchema, type BuildSpec } from './spec.js';

/** Names of other systems for the same thing, by the path where they may stand. */
const ALIASES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    measurements: 'bands',
    assets: 'bands',
    resampling_method: 'resampling',
    fill_value: 'nodata',
    image_mask: 'mask',
    make_mask: 'mask',
    compositing_method: 'mosaic',
    aggregation: 'mosaic',
    rescale: 'scale',
    groupby: 'time.groupby',
    time_period: 'time.groupby',
    crs: 'grid.crs',
    resolution: 'grid.resolution',
    chunks: 'grid.chunk',
  },
  grid: { epsg: 'crs', output_crs: 'crs', bounds: 'extent', chunksize: 'chunk', tile_size: 'chunk', shards: 'shard' },
  source: { time: 'datetime', temporal_extent: 'datetime', geopolygon: 'intersects' },
  mask: { mask_scl_dilation: 'dilate', name: 'band' },
  time: { time_period: 'groupby', dt: 'groupby' },
};

type Tree = { [key: string]: unknown };

/**
 * Check the text of a specification (YAML or JSON). `overrides` are `key=value` pairs with dotted keys and YAML values,
 * applied before the check. Throws `invalid-spec` naming the key, what is wrong and the nearest known key.
 */
export function parseSpec(text: string, overrides: readonly string[] = []): BuildSpec {
  const tree = parseYaml(text, '(file)');
  if (!isTree(tree)) throw specError('(file)', 'expected a mapping of keys');
  for (const override of overrides) applyOverride(tree, override);
  return checkSpec(tree);
}

/** Check a specification given as an object. Aliases are replaced; the object is not changed. */
export function checkSpec(input: unknown): BuildSpec {
  if (!isTree(input)) throw specError('(spec)', 'expected an object');
  const result = specSchema.safeParse(withoutAliases(input));
  if (!result.success) throw explain(result.error.issues[0]!);
  checkShard(result.data);
  return result.data;
}

/** Plain data of a YAML text. Aliases may not blow it up, refer to nothing or make it refer to itself. */
function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text, { logLevel: 'error' });
  const mistake = document.errors[0];
  if (mistake !== undefined) throw specError(path, `not YAML: ${mistake.message.split('\n')[0]}`);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 32 });
    JSON.stringify(value);
    return value;
  } catch (error) {
    throw specError(path, `not plain data: ${(error as Error).message.split('\n')[0]}`);
  }
}

function checkShard({ grid }: BuildSpec): void {
  if (grid.shard !== null && (grid.shard % grid.chunk !== 0 || grid.shard < grid.chunk)) {
    throw specError(
      'grid.shard',
      `${grid.shard} is not a multiple of chunk ${grid.chunk}`,
      'choose a multiple, or null',
    );
  }
}

function applyOverride(tree: Tree, override: string): void {
  const at = override.indexOf('=');
  if (at < 1) throw specError('--set', `"${override}" is not key=value`);
  const keys = override.slice(0, at).split('.');
  let node = tree;
  for (const key of keys.slice(0, -1)) {
    const next = node[key];
    if (isTree(next)) node = next;
    else node = node[key] = {};
  }
  const value = parseYaml(override.slice(at + 1), keys.join('.'));
  node[keys.at(-1)!] = value;
}

function withoutAliases(input: Tree): Tree {
  const tree = renameKeys(structuredClone(input), '');
  for (const part of ['grid', 'mask', 'time']) {
    const node = tree[part];
    if (isTree(node)) tree[part] = renameKeys(node, part);
  }
  const source = tree['source'];
  if (Array.isArray(source)) tree['source'] = source.map((one) => (isTree(one) ? renameKeys(one, 'source') : one));
  else if (isTree(source)) tree['source'] = renameKeys(source, 'source');
  const grid = tree['grid'];
  if (isTree(grid) && typeof grid['crs'] === 'number') grid['crs'] = `EPSG:${grid['crs']}`;
  return tree;
}

function renameKeys(node: Tree, part: string): Tree {
  for (const [alias, name] of Object.entries(ALIASES[part] ?? {})) {
    if (!Object.hasOwn(node, alias)) continue;
    const [first, second] = name.split('.') as [string, string | undefined];
    const holder = second === undefined ? node : ((node[first] ??= {}) as Tree);
    const key = second ?? first;
    if (Object.hasOwn(holder, key)) throw specError(dotted([part, alias]), `means ${name}, which is given too`);
    holder[key] = node[alias];
    delete node[alias];
  }
  return node;
}

/** Turn zod's first issue into our words; unknown keys name the nearest known one. */
function explain(issue: z.core.$ZodIssue): CubeError {
  const path = dotted(issue.path.map(String));
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '?';
    const near = nearestKey(key, knownKeys(issue.path.map(String)));
    return specError(
      dotted([...issue.path.map(String), key]),
      'unknown key',
      near === null ? undefined : `did you mean "${near}"?`,
    );
  }
  if (issue.code === 'invalid_union') {
    const nested = issue.errors.flat().find((one) => one.code === 'unrecognized_keys' || one.path.length > 0);
    if (nested !== undefined) return explain({ ...nested, path: [...issue.path, ...nested.path] } as z.core.$ZodIssue);
  }
  const unknownInput = 'input' in issue && issue.input !== undefined ? `, found ${JSON.stringify(issue.input)}` : '';
  return specError(path === '' ? '(spec)' : path, `${issue.message}${unknownInput}`);
}

/** Keys that may stand at a path, by walking the schema's JSON form. */
function knownKeys(path: readonly string[]): string[] {
  let node: unknown = specSchema.toJSONSchema({ io: 'input' });
  for (const step of path) node = stepInto(node, step);
  return isTree(node) && isTree(node['properties']) ? Object.keys(node['properties']) : [];
}

function stepInto(node: unknown, step: string): unknown {
  if (!isTree(node)) return undefined;
  if (isTree(node['properties']) && step in node['properties']) return node['properties'][step];
  if (/^\d+$/.test(step) && node['items'] !== undefined) return node['items'];
  const options = node['anyOf'] ?? node['oneOf'];
  return Array.isArray(options)
    ? options.map((option) => stepInto(option, step)).find((found) => found !== undefined)
    : undefined;
}

function nearestKey(key: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.ceil(key.length / 2)) + 1;
  for (const candidate of known) {
    const distance = editDistance(key.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Levenshtein distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

function dotted(path: readonly string[]): string {
  return path.filter((part) => part !== '').join('.');
}

function specError(path: string, what: string, fix?: string): CubeError {
  return new CubeError({ kind: 'invalid-spec', path, what, ...(fix === undefined ? {} : { fix }) });
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
