import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CubeError } from '../errors.js';
import { codeOf } from '../io/system-error.js';
import { PROJECT_FILE, type ProjectSettings } from './project-settings.js';
import type { Template } from './scan-template.js';

/** The project that comes with the package: the same place seen from `src/models`, `dist/models` and the bundle. */
const SHIPPED = fileURLToPath(new URL('../../models', import.meta.url));

/** No file of SQL or YAML that people write comes near. */
const MAX_BYTES = 4 * 2 ** 20;

/** A file of a project: `root` is the folder of the settings that it was found by. */
export type ProjectFile = Template & { readonly root: string };

/** Files of a project by what they are. */
export type ProjectFiles = {
  readonly models: readonly ProjectFile[];
  readonly properties: readonly ProjectFile[];
  readonly macros: readonly ProjectFile[];
  readonly tests: readonly ProjectFile[];
};

/** Absolute path of the folder of a project: the one that is named, or the one that comes with the package. */
export function projectFolder(named: string | undefined): string {
  return named === undefined ? SHIPPED : resolve(named);
}

/** The text of a project's dbt_project.yml. Problem: `not-found`. */
export function readProjectFile(folder: string): Promise<string> {
  return readText(join(folder, PROJECT_FILE));
}

/** Every file that the settings point to, sorted by path. Problems: `io`, `unsupported` for models in Python. */
export async function readProjectFiles(folder: string, settings: ProjectSettings): Promise<ProjectFiles> {
  const models = await filesBelow(folder, settings.modelPaths);
  const python = models.find(({ path }) => path.endsWith('.py'));
  if (python !== undefined) {
    throw new CubeError({ kind: 'unsupported', feature: 'models in Python', url: python.path, fix: 'write it in SQL' });
  }
  const tests = sqlOf(await filesBelow(folder, settings.testPaths));
  const isGeneric = ({ path, root }: ProjectFile) => path.startsWith(`${root}/generic/`);
  return {
    models: sqlOf(models),
    properties: models.filter(({ path }) => /\.ya?ml$/.test(path)),
    macros: [...sqlOf(await filesBelow(folder, settings.macroPaths)), ...tests.filter(isGeneric)],
    tests: tests.filter((file) => !isGeneric(file)),
  };
}

function sqlOf(files: readonly ProjectFile[]): ProjectFile[] {
  return files.filter(({ path }) => path.endsWith('.sql'));
}

async function filesBelow(folder: string, roots: readonly string[]): Promise<ProjectFile[]> {
  const found: ProjectFile[] = [];
  for (const root of roots) {
    const plain = root.replace(/\/+$/, '');
    for (const name of await namesBelow(join(folder, plain))) {
      const path = `${plain}/${name.replaceAll('\\', '/')}`;
      if (/\.(sql|ya?ml|py)$/.test(name)) found.push({ root: plain, path, text: await readText(join(folder, path)) });
    }
  }
  return found;
}

/** Names of all files below a folder, sorted; none where there is no such folder. */
async function namesBelow(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder, { recursive: true })).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new CubeError(
      { kind: 'io', path: folder, code: codeOf(error) ?? 'unknown', what: 'the folder cannot be read' },
      { cause: error },
    );
  }
}

async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw new CubeError({ kind: 'invalid-data', url: path, what: `${size} bytes are no file of a project` });
    return (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
  } catch (error) {
    if (error instanceof CubeError) throw error;
    if (codeOf(error) === 'ENOENT') throw new CubeError({ kind: 'not-found', url: path }, { cause: error });
    throw new CubeError(
      { kind: 'io', path, code: codeOf(error) ?? 'unknown', what: 'the file cannot be read' },
      { cause: error },
    );
  }
}
