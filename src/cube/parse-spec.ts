import type { z } from 'zod';
import type { CubeError } from '../errors.js';
import { applyOverride, isTree, type Tree } from './apply-override.js';
import { parseYaml } from './parse-yaml.js';
import { specError } from './spec-error.js';
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
  const result = specSchema.safeParse(withoutAliases(input), { reportInput: true });
  if (!result.success) throw explain(result.error.issues[0]!);
  checkShard(result.data);
  return result.data;
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
  if (issue.code === 'invalid_type' && issue.expected === 'array' && isScalar(issue.input)) {
    const fix = `write a list: ${path}=[${String(issue.input)}]`;
    return specError(path, `expected a list, found ${JSON.stringify(issue.input)}`, fix);
  }
  if (issue.code === 'invalid_type' && issue.expected === 'string' && isScalar(issue.input)) {
    const text = String(issue.input);
    return specError(path, `expected text, found ${text}`, `write it in quotes: ${path}="${text}"`);
  }
  return specError(path === '' ? '(spec)' : path, `${issue.message}${found(issue.input)}`);
}

/** Values that say something by themselves; mappings and long lists are known to who wrote them. */
function found(input: unknown): string {
  if (isScalar(input)) return `, found ${JSON.stringify(input)}`;
  const short = Array.isArray(input) && input.length <= 8 && input.every(isScalar);
  return short ? `, found ${JSON.stringify(input)}` : '';
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
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
