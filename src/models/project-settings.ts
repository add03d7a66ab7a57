import { z } from 'zod';
import { nearestKey } from '../cube/nearest-key.js';
import { specError } from '../cube/spec-error.js';
import { checkedYaml, valueSchema } from './checked-yaml.js';
import type { ModelValue } from './project.js';

/** Keys of a model's configuration and their values, as they were written. */
export type ConfigValues = { readonly [key: string]: ModelValue };

/** What dbt_project.yml says. */
export type ProjectSettings = {
  readonly name: string;
  readonly modelPaths: readonly string[];
  readonly macroPaths: readonly string[];
  readonly testPaths: readonly string[];
  readonly vars: { readonly [name: string]: ModelValue };
  /** Configuration of a model by its place: names of the folders below the model path, and its own. Lists of tags add up. */
  readonly configOf: (place: readonly string[]) => readonly ConfigValues[];
};

/** Name of the file that makes a folder a project. */
export const PROJECT_FILE = 'dbt_project.yml';

/** Keys that change nothing here: they are about dbt's own files, profiles and versions. */
const IGNORED = [
  'version',
  'config-version',
  'profile',
  'require-dbt-version',
  'flags',
  'clean-targets',
  'target-path',
  'log-path',
  'docs-paths',
  'asset-paths',
  'analysis-paths',
  'packages-install-path',
];

/** Keys that ask for something that is not done here. */
const REFUSED = [
  'on-run-start',
  'on-run-end',
  'dispatch',
  'seeds',
  'snapshots',
  'seed-paths',
  'snapshot-paths',
  'packages',
];

const folders = z.array(z.string().min(1));
const SETTINGS = z.object({
  name: z.string().regex(/^\w+$/),
  'model-paths': folders.default(['models']),
  'macro-paths': folders.default(['macros']),
  'test-paths': folders.default(['tests']),
  vars: z.record(z.string(), valueSchema).default({}),
  models: z.record(z.string(), valueSchema).default({}),
});

/** Checks the text of dbt_project.yml. Problem: `invalid-spec`. */
export function parseProjectSettings(text: string): ProjectSettings {
  const values = checkedYaml(text, PROJECT_FILE, z.record(z.string(), z.unknown()));
  const known = [...Object.keys(SETTINGS.shape), ...IGNORED];
  for (const key of Object.keys(values)) assertKnown(key, known);
  const settings = checkedYaml(text, PROJECT_FILE, SETTINGS);
  const { name, models } = settings;
  const own = settings.vars[name];
  const shared = Object.entries(settings.vars).filter(([key]) => key !== name || !isTree(own));
  return {
    name,
    modelPaths: settings['model-paths'],
    macroPaths: settings['macro-paths'],
    testPaths: settings['test-paths'],
    vars: { ...Object.fromEntries(shared), ...(isTree(own) ? own : {}) },
    configOf: (place) => configsAlong(models, [name, ...place]),
  };
}

function assertKnown(key: string, known: readonly string[]): void {
  if (known.includes(key)) return;
  if (REFUSED.includes(key)) throw specError(`${PROJECT_FILE}: ${key}`, 'this key of dbt is not supported here');
  const near = nearestKey(key, known);
  throw specError(`${PROJECT_FILE}: ${key}`, 'unknown key', near === null ? undefined : `did you mean "${near}"?`);
}

/** From the root of the tree down, the `+keys` of every folder on the way. */
function configsAlong(tree: { readonly [key: string]: ModelValue }, place: readonly string[]): ConfigValues[] {
  const configs: ConfigValues[] = [];
  let level: ModelValue | undefined = tree;
  for (let depth = 0; isTree(level); depth++) {
    const own = Object.entries(level).filter(([key]) => key.startsWith('+'));
    configs.push(Object.fromEntries(own.map(([key, value]) => [key.slice(1), value])));
    const bare = Object.entries(level).find(([key, value]) => !key.startsWith('+') && !isTree(value));
    if (bare !== undefined)
      throw specError(`${PROJECT_FILE}: models: ${bare[0]}`, 'a key needs a + before it', `+${bare[0]}`);
    level = depth < place.length ? level[place[depth]!] : undefined;
  }
  return configs;
}

function isTree(value: ModelValue | undefined): value is { readonly [key: string]: ModelValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
