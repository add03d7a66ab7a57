import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import { checkSpec, parseSpec } from '../cube/parse-spec.js';
import type { BuildSpec } from '../cube/spec.js';

/** A specification and the folder that its relative paths are relative to. */
export type SpecInput = {
  /** Path of a YAML or JSON file, or the specification as an object. */
  readonly spec: string | object;
  /** Folder of relative paths where `spec` is an object; the working directory by default. */
  readonly folder?: string;
  /** `key=value` overrides with dotted keys. */
  readonly set?: readonly string[];
};

/** A checked specification and the absolute folder of its relative paths. */
export type ReadSpec = { readonly spec: BuildSpec; readonly folder: string };

/** Read a specification; relative paths in it are relative to the file. */
export async function readSpec({ spec, folder, set = [] }: SpecInput): Promise<ReadSpec> {
  if (typeof spec !== 'string') {
    if (set.length > 0) return { spec: parseSpec(JSON.stringify(spec), set), folder: resolve(folder ?? '.') };
    return { spec: checkSpec(spec), folder: resolve(folder ?? '.') };
  }
  const path = resolve(spec);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT')
      throw new CubeError({ kind: 'not-found', url: path, what: 'the specification' }, { cause: error });
    if (error.code === 'EISDIR') {
      const what = `${path} is a folder, not a specification`;
      throw new CubeError({ kind: 'no-data', what, fix: 'name its YAML or JSON file' }, { cause: error });
    }
    throw new CubeError(
      { kind: 'io', path, code: error.code ?? 'EIO', what: 'the specification cannot be read' },
      { cause: error },
    );
  });
  return { spec: parseSpec(text, set), folder: dirname(path) };
}
