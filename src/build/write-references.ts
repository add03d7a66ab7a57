import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CubeError } from '../errors.js';
import type { SourceFactory } from '../io/byte-source.js';
import { writeError, writeFileAtomic } from '../io/write-file.js';
import { kerchunkJson } from '../cube/virtual/kerchunk-json.js';
import type { VirtualStore } from '../cube/virtual/virtual-store.js';
import { writeZarrManifests } from '../cube/virtual/zarr-manifest.js';
import { exists } from '../cube/writer/store-places.js';
import { codeVersion } from './code-version.js';

/** Where references are written. */
export type ReferenceOutputs = {
  /** A kerchunk file, `.json`, or folder, `.parquet` or `.parq`. */
  readonly kerchunk?: string;
  /** A folder, `.zarr`, for a Zarr v3 store whose arrays have chunk manifests. */
  readonly zarr?: string;
  /** An Icechunk repository: a folder, or an s3: URL. */
  readonly icechunk?: string;
  /** Replace what is there. */
  readonly overwrite?: boolean;
};

/** What writing takes beside the references. */
export type WriteReferencesOptions = {
  readonly sources: SourceFactory;
  /** Of the specification, for commit messages. */
  readonly name: string;
  readonly signal?: AbortSignal;
};

/** Places that hold the references now, and the snapshot of the Icechunk repository among them. */
export type WrittenReferences = { readonly outputs: readonly string[]; readonly snapshot: string | null };

/** Write a dataset of references to every output. Problems: `exists`, `io`, `invalid-argument`, those of Icechunk. */
export async function writeReferences(
  store: VirtualStore,
  outputs: ReferenceOutputs,
  options: WriteReferencesOptions,
): Promise<WrittenReferences> {
  const written: string[] = [];
  let snapshot: string | null = null;
  if (outputs.kerchunk !== undefined) written.push(await writeKerchunk(store, outputs.kerchunk, outputs, options));
  if (outputs.zarr !== undefined) written.push(await writeZarr(store, outputs.zarr, outputs));
  if (outputs.icechunk !== undefined) {
    snapshot = await commitIcechunk(store, outputs.icechunk, outputs, options);
    written.push(outputs.icechunk);
  }
  return { outputs: written, snapshot };
}

/** Only Icechunk needs its binding. */
async function commitIcechunk(
  store: VirtualStore,
  place: string,
  { overwrite = false }: ReferenceOutputs,
  { name }: WriteReferencesOptions,
): Promise<string> {
  const { writeIcechunk } = await import('../cube/virtual/write-icechunk.js');
  const metadata = { run_id: randomUUID(), name, code_version: codeVersion() };
  return writeIcechunk(store, place, { overwrite, message: `references ${name}`, metadata });
}

async function writeKerchunk(
  store: VirtualStore,
  place: string,
  { overwrite = false }: ReferenceOutputs,
  { signal }: WriteReferencesOptions,
): Promise<string> {
  const path = resolve(place);
  const parquet = /\.(parquet|parq)$/i.test(path);
  if (!parquet && !/\.json$/i.test(path)) {
    const what = `"${place}" ends neither in .json nor in .parquet`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name the kind of kerchunk references by its ending' });
  }
  await assertFree(path, overwrite);
  const options = signal === undefined ? {} : { signal };
  if (parquet) await writeFolder(path, (folder) => writeParquet(store, folder));
  else await writeFileAtomic(path, kerchunkJson(store), options);
  return path;
}

async function writeZarr(store: VirtualStore, place: string, { overwrite = false }: ReferenceOutputs): Promise<string> {
  const path = resolve(place);
  if (!/\.zarr$/i.test(path)) {
    const what = `"${place}" does not end in .zarr`;
    throw new CubeError({ kind: 'invalid-argument', what, fix: 'name a folder for the store alone, NAME.zarr' });
  }
  await assertFree(path, overwrite);
  await writeFolder(path, (folder) => writeZarrManifests(store, folder));
  return path;
}

async function assertFree(path: string, overwrite: boolean): Promise<void> {
  if (overwrite || !(await exists(path))) return;
  const fix = 'pass --overwrite to replace it, or choose another path';
  throw new CubeError({ kind: 'exists', path, what: 'the output is there already', fix });
}

/** Only Parquet needs DuckDB. */
async function writeParquet(store: VirtualStore, folder: string): Promise<void> {
  const { openDuckDb } = await import('../duckdb/connection.js');
  const { writeKerchunkParquet } = await import('../cube/virtual/kerchunk-parquet.js');
  const database = await openDuckDb();
  try {
    await writeKerchunkParquet(store, folder, database);
  } finally {
    await database.close();
  }
}

/** A folder that shows all of its files or none: written beside its place, then renamed. */
async function writeFolder(path: string, write: (folder: string) => Promise<void>): Promise<void> {
  const staging = join(dirname(path), `.${basename(path)}-${randomBytes(6).toString('hex')}`);
  try {
    await mkdir(staging, { recursive: true });
    await write(staging);
    await rm(path, { recursive: true, force: true });
    await rename(staging, path);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    throw writeError(path, error);
  }
}
