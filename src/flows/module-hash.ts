import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { init, parse } from 'es-module-lexer';
import { CubeError } from '../errors.js';
import { codeOf } from '../io/system-error.js';
import { sha256 } from './fingerprint.js';

/** Hashes of the modules of this process, as they were when they were first asked for. */
const hashes = new Map<string, Promise<string>>();

/** A specifier of a file beside the module, not of a package. */
const BESIDE = /^(\.{1,2}\/|file:|\/)/;

/**
 * SHA-256 of the text of a module (a `file:` address) and of all modules that it imports by their paths, and those in turn. Packages
 * are not looked into. Problems: `io`; `invalid-data` for a module that cannot be parsed.
 */
export function moduleHash(module: string): Promise<string> {
  // The code that runs is the one that was loaded: a file that changes meanwhile is another process's code.
  const known = hashes.get(module);
  if (known !== undefined) return known;
  const hash = hashModules(module);
  hashes.set(module, hash);
  return hash;
}

async function hashModules(module: string): Promise<string> {
  await init;
  const seen = new Map<string, string>();
  const visit = async (address: string): Promise<void> => {
    if (seen.has(address)) return;
    const text = await moduleText(address);
    seen.set(address, sha256(text));
    for (const specifier of importsOf(address, text)) await visit(new URL(specifier, address).href);
  };
  await visit(withoutQuery(module));
  // By content, not by place: the same modules in another folder are the same code.
  return sha256([...seen.values()].join('\n'));
}

function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/, '');
}

async function moduleText(address: string): Promise<string> {
  const path = fileURLToPath(address);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const what = 'a module of the flow cannot be read';
    throw new CubeError({ kind: 'io', path, code: codeOf(error) ?? 'unknown', what }, { cause: error });
  }
}

function importsOf(address: string, text: string): string[] {
  if (/\.(json|wasm|node)$/.test(address)) return [];
  try {
    const [imports] = parse(text);
    return imports.flatMap(({ n: name }) => (name !== undefined && BESIDE.test(name) ? [withoutQuery(name)] : []));
  } catch (error) {
    const what = `it is no module that can be parsed: ${error instanceof Error ? error.message : String(error)}`;
    throw new CubeError({ kind: 'invalid-data', url: fileURLToPath(address), what }, { cause: error });
  }
}
