import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CubeError } from '../errors.js';
import type { Flow } from '../flows/define-flow.js';
import { INGEST_FLOW } from '../ingest/ingest-flow.js';
import { codeOf } from '../io/system-error.js';

/** Flows that come with us, by name. */
export const FLOWS: readonly Flow[] = [INGEST_FLOW];

/**
 * A flow by its name, or the default export of a JavaScript module; its text and that of the modules beside it are part of its cache keys.
 * Problems: `not-found`; `invalid-data` where the module fails or exports no flow; `unsupported` for TypeScript.
 */
export async function loadFlow(given: string): Promise<Flow> {
  const known = FLOWS.find(({ name }) => name === given);
  if (known !== undefined) return known;
  const path = resolve(given);
  if (/\.[cm]?tsx?$/.test(path))
    throw new CubeError({
      kind: 'unsupported',
      feature: 'a flow in TypeScript',
      url: path,
      fix: 'compile it, and name the .js file',
    });
  if (path.endsWith('.cjs'))
    throw new CubeError({
      kind: 'unsupported',
      feature: 'a flow in CommonJS',
      url: path,
      fix: 'what it requires would not be seen; make it an ES module',
    });
  const module = pathToFileURL(path).href;
  const exported: unknown = await import(module).then(
    (loaded: { readonly default?: unknown }) => loaded.default,
    (error: unknown) => {
      throw unreadable(given, path, error);
    },
  );
  if (!isFlow(exported)) {
    const what = 'its default export is no flow: export default defineFlow(…)';
    throw new CubeError({ kind: 'invalid-data', url: path, what });
  }
  return { ...exported, module: exported.module ?? module };
}

function isFlow(value: unknown): value is Flow {
  return (
    typeof value === 'object' && value !== null && 'nodes' in value && value.nodes instanceof Map && 'targets' in value
  );
}

function unreadable(given: string, path: string, error: unknown): CubeError {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  // Of a module that it imports the message names both.
  if (codeOf(error) === 'ERR_MODULE_NOT_FOUND' && message.includes(`'${path}'`)) {
    const names = FLOWS.map(({ name }) => name).join(', ');
    return new CubeError({
      kind: 'not-found',
      url: path,
      what: `a module, and no flow of ours is named ${given} (there is ${names})`,
    });
  }
  return new CubeError(
    { kind: 'invalid-data', url: path, what: `the module cannot be loaded: ${message}` },
    { cause: error },
  );
}
