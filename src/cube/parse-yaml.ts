import { parseDocument } from 'yaml';
import { specError } from './spec-error.js';

/**
 * Plain data of a YAML text. Aliases may not blow it up, refer to nothing or make it refer to itself. Problem:
 * `invalid-spec` at `path`.
 */
export function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text, { logLevel: 'error' });
  const mistake = document.errors[0];
  if (mistake !== undefined) throw specError(path, `not YAML: ${mistake.message.split('\n')[0]}`);
  try {
    const value: unknown = document.toJS({ maxAliasCount: 32 });
    JSON.stringify(value);
    return value;
  } catch (error) {
    throw specError(path, `not plain data: ${(error as Error).message.split('\n')[0]}`);
  }
}
