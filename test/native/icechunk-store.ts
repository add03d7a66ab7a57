import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IcechunkSession } from '../../src/native/icechunk/contract.js';
import { icechunkStatus } from '../../src/native/load.js';

/** Why tests of Icechunk repositories do not run here, or null where they do. */
export const icechunkAbsent: string | null = ((status) => (status.kind === 'absent' ? status.why : null))(
  icechunkStatus(),
);

/** Name of a suite, with the reason where it is skipped. */
export function suiteName(name: string): string {
  return icechunkAbsent === null ? name : `${name} (skipped: the Icechunk binding is ${icechunkAbsent})`;
}

/** Folders of one suite, removed together. */
export class Folders {
  readonly #made: string[] = [];

  async make(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'heliocube-icechunk-'));
    this.#made.push(folder);
    return folder;
  }

  async remove(): Promise<void> {
    await Promise.all(this.#made.map((folder) => rm(folder, { recursive: true, force: true })));
  }
}

/** The bytes of some text. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The text of some bytes; null stays null. */
export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

/** A Zarr v3 group. */
export const GROUP = bytesOf(JSON.stringify({ zarr_format: 3, node_type: 'group', attributes: {} }));

/** A Zarr v3 array of uncompressed bytes. */
export function arrayMetadata(shape: readonly number[], chunk: readonly number[], attributes = {}): Uint8Array {
  return bytesOf(
    JSON.stringify({
      zarr_format: 3,
      node_type: 'array',
      shape,
      data_type: 'uint8',
      chunk_grid: { name: 'regular', configuration: { chunk_shape: chunk } },
      chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
      fill_value: 0,
      codecs: [{ name: 'bytes' }],
      attributes,
      storage_transformers: [],
    }),
  );
}

/** Writes the root group and an array of the shape. */
export async function writeArray(
  session: IcechunkSession,
  name: string,
  shape: readonly number[],
  chunk: readonly number[],
): Promise<void> {
  if (!(await session.exists('zarr.json'))) await session.set('zarr.json', GROUP);
  await session.set(`${name}/zarr.json`, arrayMetadata(shape, chunk));
}
