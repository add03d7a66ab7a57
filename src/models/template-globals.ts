import { CubeError } from '../errors.js';
import { nearestKey } from '../cube/nearest-key.js';
import { DEFAULT_SCHEMA } from './model-config.js';
import type { Globals } from './jinja.js';
import type { ModelValue } from './project.js';

/** Variables of the environment that templates may read. Others may hold secrets, and SQL is told in errors. */
export const READABLE_ENVIRONMENT = ['DBT_TARGET', 'H3_DEDUP_RES', 'OVERLAP_THRESHOLD'] as const;

/** Others are readable by their name's beginning. */
export const READABLE_PREFIX = 'HELIOCUBE_MODELS_';

/** What differs from template to template. */
export type TemplateContext = {
  readonly vars: { readonly [name: string]: ModelValue };
  /** SQL of a model by name. */
  readonly ref: (name: string) => string;
  /** SQL of a source's table. */
  readonly source: (group: string, table: string) => string;
  /** SQL of the model itself; null in tests. */
  readonly own: string | null;
  readonly isIncremental: boolean;
  /** Takes what `config()` is called with. */
  readonly config: (values: ReadonlyMap<string, unknown>) => void;
  /** False while the project is read, and no statement is to be run. */
  readonly execute: boolean;
};

/** The part of dbt's context that templates have here. Problem of its functions: `invalid-argument`. */
export function templateGlobals(context: TemplateContext): Globals {
  return {
    ref: (...parameters: unknown[]) => context.ref(modelName(parameters)),
    source: (...parameters: unknown[]) => {
      const [group, table] = texts('source', parameters, 2);
      return context.source(group!, table!);
    },
    var: (...parameters: unknown[]) => variable(context.vars, parameters),
    env_var: (...parameters: unknown[]) => environmentVariable(parameters),
    config: (...parameters: unknown[]) => {
      const values = parameters.at(-1);
      if (values instanceof Map) context.config(values);
      return '';
    },
    is_incremental: () => context.isIncremental,
    this: context.own,
    target: { name: 'lake', type: 'duckdb', database: 'lake', schema: DEFAULT_SCHEMA, threads: 1 },
    execute: context.execute,
  };
}

// ref('model') or ref('project', 'model'); versions are not known here.
function modelName(parameters: readonly unknown[]): string {
  return texts('ref', parameters, parameters.length === 2 ? 2 : 1).at(-1)!;
}

function variable(vars: TemplateContext['vars'], parameters: readonly unknown[]): ModelValue {
  const [name] = texts('var', parameters.slice(0, 1), 1);
  const value = vars[name!];
  if (value !== undefined) return value;
  if (parameters.length > 1) return parameters[1] as ModelValue;
  const near = nearestKey(name!, Object.keys(vars));
  const fix = near === null ? 'set it in dbt_project.yml or with --vars' : `did you mean "${near}"?`;
  throw new CubeError({ kind: 'invalid-argument', what: `the variable "${name}" has no value`, fix });
}

function environmentVariable(parameters: readonly unknown[]): string {
  const [name] = texts('env_var', parameters.slice(0, 1), 1);
  const isReadable = name!.startsWith(READABLE_PREFIX) || READABLE_ENVIRONMENT.some((one) => one === name);
  if (!isReadable) {
    throw new CubeError({
      kind: 'invalid-argument',
      what: `models may not read the environment variable ${name}`,
      fix: `use ${READABLE_ENVIRONMENT.join(', ')} or a name that begins with ${READABLE_PREFIX}`,
    });
  }
  const value = process.env[name!] ?? parameters[1];
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new CubeError({ kind: 'invalid-argument', what: `the environment variable ${name} is not set` });
}

function texts(name: string, parameters: readonly unknown[], count: number): string[] {
  if (parameters.length === count && parameters.every((one) => typeof one === 'string')) return [...parameters];
  const said = count === 1 ? 'one text' : `${count} texts`;
  throw new CubeError({ kind: 'invalid-argument', what: `${name}() takes ${said}` });
}
