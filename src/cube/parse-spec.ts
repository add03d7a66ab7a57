import { applyOverride, isTree, type Tree } from './apply-override.js';
import { explainIssue } from './explain-issue.js';
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
  if (!result.success) throw explainIssue(result.error.issues[0]!);
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
    const holder = second === undefined ? node : (node[first] ??= {});
    if (!isTree(holder)) throw specError(first, `expected a mapping, found ${JSON.stringify(holder)}`);
    const key = second ?? first;
    if (Object.hasOwn(holder, key))
      throw specError(part === '' ? alias : `${part}.${alias}`, `means ${name}, which is given too`);
    holder[key] = node[alias];
    delete node[alias];
  }
  return node;
}
