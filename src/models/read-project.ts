import { basename } from 'node:path';
import { specError } from '../cube/spec-error.js';
import { orderModels } from './graph.js';
import { Jinja } from './jinja.js';
import { assertKnown, assertVarsMeant, suggestion } from './known-names.js';
import { modelConfig } from './model-config.js';
import { projectFolder, readProjectFile, readProjectFiles, type ProjectFile } from './project-files.js';
import { parseProjectSettings, type ProjectSettings } from './project-settings.js';
import type { Model, ModelProject, ModelSource, ModelValue } from './project.js';
import { parseProperties, type ModelProperties, type Properties } from './properties.js';
import { readTests } from './read-tests.js';
import { scanTemplates } from './scan-template.js';

/** Which project, and what is set in it. */
export type ProjectInput = {
  /** Its folder; the models that come with the package where it is left out. */
  readonly project?: string;
  /** Variables, before those of dbt_project.yml. */
  readonly vars?: { readonly [name: string]: ModelValue };
};

/**
 * Read a dbt project: settings, models, properties, macros and tests. Every template is rendered once to see what it reads. Problems:
 * `not-found`, `io`, `invalid-spec` with file and line for what is wrong in a file, `invalid-argument` for a misspelt variable, `unsupported`.
 */
export async function readProject({ project, vars = {} }: ProjectInput): Promise<ModelProject> {
  const folder = projectFolder(project);
  const settings = parseProjectSettings(await readProjectFile(folder));
  const files = await readProjectFiles(folder, settings);
  assertVarsMeant(Object.keys(vars), Object.keys(settings.vars), Object.values(files).flat());
  const properties = files.properties.map(({ path, text }) => parseProperties(path, text));
  const jinja = new Jinja(files.macros);
  try {
    const shared = { jinja, settings, vars: { ...settings.vars, ...vars } };
    const sources = uniqueByName(
      properties.flatMap((one) => one.sources.map((source) => ({ ...source, path: one.path }))),
    );
    const all = readModels(files.models, properties, shared);
    const enabled = new Map([...all].filter(([, { config }]) => config.enabled));
    for (const model of enabled.values()) assertKnown(model, { models: enabled, all, sources });
    assertOwnTables(enabled, sources);
    const models = new Map(orderModels(enabled).map((model) => [model.name, model]));
    const reading = { models, all, sources, macros: files.macros, ...shared };
    const tests = readTests(files.tests, properties, reading);
    return { name: settings.name, folder, vars: shared.vars, macros: files.macros, models, sources, tests };
  } finally {
    jinja.free();
  }
}

/** Throws where a model would overwrite another one, or the table of a source. */
function assertOwnTables(models: ReadonlyMap<string, Model>, sources: ReadonlyMap<string, ModelSource>): void {
  const owners = new Map(
    [...sources.values()].map(({ name, schema, table }) => [`${schema}.${table}`.toLowerCase(), `the source ${name}`]),
  );
  for (const { name, path, config } of models.values()) {
    if (config.materialized === 'ephemeral') continue;
    const table = `${config.schema}.${config.alias}`.toLowerCase(); // DuckDB's names have no case
    const owner = owners.get(table);
    if (owner !== undefined)
      throw specError(path, `the table ${table} is that of ${owner}`, 'give another alias or schema');
    owners.set(table, `the model ${name}`);
  }
}

type Shared = {
  readonly jinja: Jinja;
  readonly settings: ProjectSettings;
  readonly vars: { readonly [name: string]: ModelValue };
};

function readModels(
  files: readonly ProjectFile[],
  properties: readonly Properties[],
  shared: Shared,
): Map<string, Model> {
  const described = uniqueByName(properties.flatMap(({ path, models }) => models.map((one) => ({ ...one, path }))));
  const models = uniqueByName(files.map((file) => readModel(file, described.get(basename(file.path, '.sql')), shared)));
  for (const { name, path } of described.values()) {
    if (models.has(name)) continue;
    throw specError(path, `there is no model "${name}" to describe`, suggestion(name, models.keys()));
  }
  return models;
}

function readModel(
  file: ProjectFile,
  properties: ModelProperties | undefined,
  { jinja, settings, vars }: Shared,
): Model {
  const { path, text, root } = file;
  const name = basename(path, '.sql');
  const own = scanTemplates(jinja, [file], vars);
  const place = path.slice(root.length + 1, -'.sql'.length).split('/');
  const config = modelConfig(name, path, [...settings.configOf(place), properties?.config ?? {}, own.config]);
  const hooks = [...config.preHooks, ...config.postHooks].map((hook) => ({ path, text: hook }));
  const ofHooks = scanTemplates(jinja, hooks, vars);
  return {
    name,
    path,
    text,
    description: properties?.description ?? '',
    columns: properties?.columns ?? [],
    config,
    refs: [...new Set([...own.refs, ...ofHooks.refs])].sort(),
    sources: [...new Set([...own.sources, ...ofHooks.sources])].sort(),
  };
}

function uniqueByName<T extends { readonly name: string; readonly path: string }>(
  things: readonly T[],
): Map<string, T> {
  const byName = new Map<string, T>();
  for (const thing of things) {
    const other = byName.get(thing.name);
    if (other !== undefined) throw specError(thing.path, `"${thing.name}" is in ${other.path} already`);
    byName.set(thing.name, thing);
  }
  return byName;
}
