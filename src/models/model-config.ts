import { nearestKey } from '../cube/nearest-key.js';
import { specError } from '../cube/spec-error.js';
import { SCHEMA } from '../lake/tables.js';
import type { ConfigValues } from './project-settings.js';
import { MATERIALIZATIONS, type Materialization, type ModelConfig, type ModelValue } from './project.js';

/** Keys that are read, and those that say nothing about rows. */
const READ = ['materialized', 'schema', 'alias', 'tags', 'enabled', 'unique_key', 'pre_hook', 'post_hook'];
const CHECKED = ['incremental_strategy', 'on_schema_change'];
const SILENT = ['meta', 'docs', 'group', 'description'];

/** The schema of models that name none, dbt's `target.schema`. */
export const DEFAULT_SCHEMA = 'models';

/**
 * A model's configuration from all that is said of it, the last word last; tags add up. Problem: `invalid-spec` for keys and values
 * that would change the rows in a way that is not done here.
 */
export function modelConfig(name: string, path: string, said: readonly ConfigValues[]): ModelConfig {
  const values: Record<string, ModelValue> = Object.assign({}, ...said.map((one) => plainKeys(one, path)));
  const text = (key: string, otherwise: string) => textOf(values[key] ?? otherwise, key, path);
  const config: ModelConfig = {
    materialized: materializationOf(values['materialized'] ?? 'view', path),
    schema: text('schema', DEFAULT_SCHEMA),
    alias: text('alias', name),
    tags: [...new Set(said.flatMap((one) => textsOf(one['tags'], 'tags', path)))],
    enabled: values['enabled'] !== false,
    uniqueKey: textsOf(values['unique_key'], 'unique_key', path),
    preHooks: textsOf(values['pre_hook'], 'pre_hook', path),
    postHooks: textsOf(values['post_hook'], 'post_hook', path),
  };
  assertStrategy(values, config, path);
  if (config.schema.toLowerCase() === SCHEMA) {
    throw specError(path, `the schema ${SCHEMA} is that of the tables which models read`, 'name another schema');
  }
  return config;
}

// An incremental model replaces the rows of its key, or adds rows where it has none; changed columns are an error.
function assertStrategy(values: Record<string, ModelValue>, { uniqueKey }: ModelConfig, path: string): void {
  const strategy = values['incremental_strategy'];
  const own = uniqueKey.length === 0 ? 'append' : 'delete+insert';
  if (strategy !== undefined && strategy !== own) {
    throw specError(
      path,
      `the incremental_strategy "${String(strategy)}" is not supported here`,
      `with this unique_key it is ${own}`,
    );
  }
  const change = values['on_schema_change'];
  if (change !== undefined && change !== 'fail') {
    throw specError(
      path,
      `on_schema_change "${String(change)}" is not supported here`,
      'it is always "fail": use --full-refresh',
    );
  }
}

function plainKeys(values: ConfigValues, path: string): ConfigValues {
  const known = [...READ, ...CHECKED, ...SILENT];
  const entries = Object.entries(values).map(([key, value]) => [key.replaceAll('-', '_'), value] as const);
  for (const [key] of entries) {
    if (known.includes(key)) continue;
    const near = nearestKey(key, known);
    throw specError(
      path,
      `the configuration "${key}" is not supported here`,
      near === null ? undefined : `did you mean "${near}"?`,
    );
  }
  return Object.fromEntries(entries);
}

function materializationOf(value: ModelValue, path: string): Materialization {
  const found = MATERIALIZATIONS.find((one) => one === value);
  if (found !== undefined) return found;
  throw specError(path, `"${String(value)}" is no materialization`, `use ${MATERIALIZATIONS.join(', ')}`);
}

function textOf(value: ModelValue, key: string, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw specError(path, `${key} is not a text`);
}

function textsOf(value: ModelValue | undefined, key: string, path: string): string[] {
  const values = value === undefined || value === null ? [] : [value].flat();
  return values.map((one) => textOf(one as ModelValue, key, path));
}
