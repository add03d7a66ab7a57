import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CubeError } from '../../errors.js';
import { specError } from '../../cube/spec-error.js';
import type { Environment } from '../../io/s3/settings.js';
import { codeOf } from '../../io/system-error.js';
import { writeError } from '../../io/write-file.js';
import type { LakeLocation } from '../attach.js';
import { attachTarget, catalogSecrets, parseCatalog, type Catalog } from '../catalog.js';
import { dataPathOf } from '../data-path.js';
import { isInBucket, type LakeStorage } from '../storage.js';
import { VARIABLES, variableOf } from './environment.js';
import { parseTargets, type Target, type TargetConfig } from './target-config.js';

/** The file of targets that is looked for in the working directory. */
export const TARGETS_FILE = 'heliocube.yaml';

/** Which target is meant. */
export type TargetOptions = {
  /** Name in the file; DBT_TARGET, then the file's `default`, where left out. */
  readonly target?: string;
  /** Path of the file; `heliocube.yaml` in the working directory where left out. */
  readonly config?: string;
  readonly env?: Environment;
};

/**
 * Where the lake of a named target is. Relative paths start at the file's folder; secrets come from the environment. Null
 * where no target is named and there is no file. Problem: `not-found`, `invalid-spec`, `invalid-argument`.
 */
export async function findTarget(options: TargetOptions = {}): Promise<LakeLocation | null> {
  const { config, env = process.env } = options;
  const path = resolve(config ?? TARGETS_FILE);
  const text = await readTargets(path);
  if (text === null) {
    if (config === undefined && options.target === undefined) return null;
    const what =
      'the file of targets; write `targets: { NAME: { catalog: …, data: … } }` into it, or name it with --config';
    throw new CubeError({ kind: 'not-found', url: path, what });
  }
  const parsed = parseTargets(text);
  const name = options.target ?? variableOf(env, 'DBT_TARGET') ?? parsed.default;
  return name === undefined ? null : resolveTarget(parsed, name, dirname(path), env);
}

/** The same of a file that is read already. Pure. */
export function resolveTarget({ targets }: TargetConfig, name: string, folder: string, env: Environment): LakeLocation {
  const target = Object.hasOwn(targets, name) ? targets[name] : undefined;
  if (target === undefined) {
    const names = Object.keys(targets).join(', ');
    throw new CubeError({ kind: 'invalid-argument', what: `there is no target "${name}"`, fix: `known are ${names}` });
  }
  const catalog = catalogOf(name, target, folder, env);
  const storage = storageOf(target);
  return {
    catalog: attachTarget(catalog),
    dataPath: dataPathIn(name, target, { catalog, folder, env }),
    ...(storage === null ? {} : { storage }),
  };
}

function catalogOf(name: string, target: Target, folder: string, env: Environment): Catalog {
  const path = `targets.${name}.catalog`;
  const variable = name === 'prod' ? 'DUCKLAKE_CONNECTION_STRING_PROD' : 'DUCKLAKE_CONNECTION_STRING';
  const written = target.catalog ?? `\${${variable}}`;
  if (!written.includes('${') && catalogSecrets(parseCatalog(plainCatalog(written))).length > 0) {
    throw specError(
      path,
      'a password stands in the file',
      `put the whole string into ${variable} and leave the key out`,
    );
  }
  const catalog = parseCatalog(plainCatalog(expand(written, path, env)));
  return 'path' in catalog ? { ...catalog, path: resolve(folder, catalog.path) } : catalog;
}

/** As DuckLake's ATTACH has it, and as libpq does. */
function plainCatalog(text: string): string {
  const bare = text.trim().replace(/^ducklake:/, '');
  return /^(?:host|hostaddr|port|dbname|user|password|service|sslmode)\s*=/.test(bare) ? `postgres:${bare}` : bare;
}

function dataPathIn(
  name: string,
  { data }: Target,
  { catalog, folder, env }: { readonly catalog: Catalog; readonly folder: string; readonly env: Environment },
): string {
  const path = `targets.${name}.data`;
  if (data === undefined) {
    if ('path' in catalog) return dataPathOf(catalog.path);
    throw specError(
      path,
      'a catalog without a file does not say where the data files of its lake are',
      'name a folder or bucket',
    );
  }
  const place = expand(data, path, env);
  return isInBucket(place) ? place : resolve(folder, place);
}

function storageOf({ endpoint, region, path_style: pathStyle, keys }: Target): LakeStorage | null {
  const storage = {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(pathStyle === undefined ? {} : { pathStyle }),
    ...(keys === undefined ? {} : { keys }),
  };
  return Object.keys(storage).length === 0 ? null : storage;
}

/** `${NAME}` becomes the value of the variable. */
function expand(text: string, path: string, env: Environment): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (!(VARIABLES as readonly string[]).includes(name)) {
      throw specError(path, `\${${name}} is no variable that may stand here`, `known are ${VARIABLES.join(', ')}`);
    }
    const value = variableOf(env, name);
    if (value === null) throw specError(path, `the environment does not set ${name}`);
    return value;
  });
}

async function readTargets(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw writeError(path, error);
  }
}
