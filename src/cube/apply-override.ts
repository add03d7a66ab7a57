import { parseYaml } from './parse-yaml.js';
import { specError } from './spec-error.js';

/** What a specification is before it is checked: mappings and lists. */
export type Tree = { [key: string]: unknown };

/** Whether a value is a mapping. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Names that lead from any object to what all objects share. */
const SHARED = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Carry out one `key=value` in place. Keys are dotted, entries of lists are numbered from 0, values are YAML; mappings
 * that are not there are made. Problem: `invalid-spec` where the key is none, or lies below something that has no keys.
 */
export function applyOverride(tree: Tree, override: string): void {
  const at = override.indexOf('=');
  if (at < 1) throw specError('--set', `"${override}" is not key=value`);
  const path = override.slice(0, at);
  const keys = path.split('.');
  const odd = keys.find((key) => key === '' || SHARED.has(key));
  if (odd !== undefined) throw specError('--set', `"${path}": "${odd}" is no key`);
  const value = parseYaml(override.slice(at + 1), path);
  let holder: unknown = tree;
  for (const [depth, key] of keys.slice(0, -1).entries()) holder = below(holder, key, keys.slice(0, depth));
  assign(holder, keys.at(-1)!, value, keys.slice(0, -1));
}

/** What is at a key; an empty mapping is put where there is nothing. */
function below(holder: unknown, key: string, path: readonly string[]): unknown {
  if (Array.isArray(holder)) return holder[place(holder, key, path)];
  if (!isTree(holder)) throw noKeys(path, holder, key);
  const found = Object.hasOwn(holder, key) ? holder[key] : undefined;
  return found ?? (holder[key] = {});
}

function assign(holder: unknown, key: string, value: unknown, path: readonly string[]): void {
  if (Array.isArray(holder)) holder[place(holder, key, path)] = value;
  else if (isTree(holder)) holder[key] = value;
  else throw noKeys(path, holder, key);
}

function place(list: readonly unknown[], key: string, path: readonly string[]): number {
  const index = /^\d{1,9}$/.test(key) ? Number(key) : -1;
  if (index >= 0 && index < list.length) return index;
  const at = path.join('.');
  const what = `is a list of ${list.length}, it has no "${key}"`;
  throw specError(
    at,
    what,
    `number its entries from 0, such as ${at}.0.${/^\d+$/.test(key) ? 'KEY' : key}=…, or write ${at}=[…]`,
  );
}

function noKeys(path: readonly string[], found: unknown, key: string): Error {
  const at = path.join('.');
  return specError(at, `${JSON.stringify(found)} has no key "${key}"`, `write ${at}={…} with all its keys`);
}
