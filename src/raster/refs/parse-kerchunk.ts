import { CubeError } from '../../errors.js';
import type { ObjectIdentity } from '../../io/byte-source.js';
import type { ObjectGuard } from '../chunk-ref.js';
import { isObject, member, parseMetadataJson, text, type JsonObject } from '../zarr/json.js';

/** What a key of a reference file stands for. */
export type Reference =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'object'; readonly url: string }
  | {
      readonly kind: 'range';
      readonly url: string;
      readonly offset: number;
      readonly length: number;
      readonly guard?: ObjectGuard;
    };

/** A reference file, taken apart. */
export type ReferenceSet = {
  /** Metadata documents by their key in the store. */
  readonly documents: ReadonlyMap<string, JsonObject>;
  /** Chunks of each array: its path → key below it ("0.0", "c/0/0") → where. */
  readonly chunks: ReadonlyMap<string, ReadonlyMap<string, Reference>>;
};

/** The versions of the files that references are true of, by URL as written, where the file tells them. */
export type KnownFiles = ReadonlyMap<string, ObjectIdentity>;

/** What our writer adds: sizes, ETags and times of the files. What is no such thing is not used. */
export function parseKnownFiles(json: JsonObject): KnownFiles {
  const own = member(json, 'heliocube');
  const files = isObject(own) ? member(own, 'files') : undefined;
  const known = new Map<string, ObjectIdentity>();
  for (const [url, value] of Object.entries(isObject(files) ? files : {})) {
    if (!isObject(value)) continue;
    const size = member(value, 'size');
    const modifiedMs = member(value, 'modified_ms');
    if (!isPosition(size)) continue;
    known.set(url, { size, etag: text(value, 'etag'), ...(isPosition(modifiedMs) ? { modifiedMs } : {}) });
  }
  return known;
}

/** Names of metadata documents of Zarr v2 and v3. */
const DOCUMENT = /(^|\/)(\.zarray|\.zattrs|\.zgroup|\.zmetadata|zarr\.json)$/;

/** Whether a JSON document is a reference file: `refs` of version 1, or keys of a Zarr store (version 0). */
export function isKerchunk(json: JsonObject): boolean {
  if (isObject(member(json, 'refs'))) return true;
  return Object.keys(json).some((key) => DOCUMENT.test(key));
}

/**
 * Read kerchunk's JSON, version 0 or 1. URLs are as written. Errors: `invalid-data` for entries that are no references,
 * `unsupported` for generated keys and computed templates.
 */
export function parseKerchunk(json: JsonObject, url: string): ReferenceSet {
  const refs = member(json, 'refs');
  const version = member(json, 'version');
  if (version !== undefined && version !== 0 && version !== 1) throw unsupported(`version ${String(version)}`, url);
  const entries = isObject(refs) ? refs : json;
  const generated = member(json, 'gen');
  if (Array.isArray(generated) && generated.length > 0) throw unsupported('generated keys ("gen")', url);
  const expand = templates(member(json, 'templates'), url);
  const documents = new Map<string, JsonObject>();
  const chunks = new Map<string, Map<string, Reference>>();
  for (const [key, value] of Object.entries(entries)) {
    if (DOCUMENT.test(key)) {
      addDocument(documents, key, documentOf(value, key, url), url);
      continue;
    }
    const { path, chunk } = splitChunkKey(key);
    const ofArray = chunks.get(path) ?? new Map<string, Reference>();
    chunks.set(path, ofArray);
    ofArray.set(chunk, referenceOf(value, key, { url, expand }));
  }
  return { documents, chunks };
}

/** Consolidated metadata holds documents by key; those of their own win. */
function addDocument(documents: Map<string, JsonObject>, key: string, json: JsonObject, url: string): void {
  if (!key.endsWith('.zmetadata')) {
    documents.set(key, json);
    return;
  }
  const entries = member(json, 'metadata');
  if (!isObject(entries)) throw invalid(`"${key}" has no metadata`, url);
  for (const [name, value] of Object.entries(entries)) {
    if (isObject(value) && !documents.has(name)) documents.set(name, value);
  }
}

/** "a/b/0.1" and "a/b/c/0/1" belong to the array "a/b": the steps at the end that are numbers, and v3's "c" before them. */
export function splitChunkKey(key: string): { readonly path: string; readonly chunk: string } {
  const steps = key.split('/');
  let start = steps.length - 1;
  while (start > 1 && /^\d+(\.\d+)*$/.test(steps[start]!) && /^(c|\d+(\.\d+)*)$/.test(steps[start - 1]!)) start--;
  return { path: steps.slice(0, start).join('/'), chunk: steps.slice(start).join('/') };
}

type Context = { readonly url: string; readonly expand: (text: string) => string };

function referenceOf(value: unknown, key: string, { url, expand }: Context): Reference {
  if (typeof value === 'string') return { kind: 'bytes', bytes: inlineBytes(value) };
  if (isObject(value)) return { kind: 'bytes', bytes: new TextEncoder().encode(JSON.stringify(value)) };
  if (!Array.isArray(value) || typeof value[0] !== 'string') throw invalid(`"${key}" is no reference`, url);
  const target = expand(value[0]);
  if (value.length === 1) return { kind: 'object', url: target };
  const [, offset, length] = value as unknown[];
  if (value.length !== 3 || !isPosition(offset) || !isPosition(length)) {
    throw invalid(`"${key}" is at ${JSON.stringify(value.slice(1))}, expected an offset and a length`, url);
  }
  return { kind: 'range', url: target, offset, length };
}

function documentOf(value: unknown, key: string, url: string): JsonObject {
  if (isObject(value)) return value;
  if (typeof value !== 'string') throw invalid(`"${key}" is no metadata document`, url);
  return parseMetadataJson(inlineBytes(value), `${url}#${key}`);
}

function inlineBytes(value: string): Uint8Array {
  return value.startsWith('base64:')
    ? new Uint8Array(Buffer.from(value.slice(7), 'base64'))
    : new TextEncoder().encode(value);
}

/** "{{name}}" in URLs stands for the text of that name. */
function templates(value: unknown, url: string): (text: string) => string {
  const names = isObject(value) ? value : {};
  return (target) => {
    if (!target.includes('{{')) return target;
    return target.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
      const stands = text(names, name);
      if (stands === null) throw unsupported(`the template "{{${name}}}"`, url);
      return stands;
    });
  };
}

/** Whether a JSON value is an offset, a length or a time: a whole number from 0 on. */
export function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function unsupported(feature: string, url: string): CubeError {
  return new CubeError({ kind: 'unsupported', feature: `kerchunk references: ${feature}`, url });
}

function invalid(what: string, url: string): CubeError {
  return new CubeError({ kind: 'invalid-data', url, what: `kerchunk references: ${what}` });
}
