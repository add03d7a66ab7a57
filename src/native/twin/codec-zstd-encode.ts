import { FAILURE } from '../codec-types.js';

let compress: ((bytes: Uint8Array, level?: number) => Uint8Array) | null = null;

/** Load the WebAssembly encoder; await it once before `encodeZstd`. */
export async function prepareZstdEncoder(): Promise<void> {
  if (compress !== null) return;
  const zstd = await import('@bokuweb/zstd-wasm');
  await zstd.init();
  compress = zstd.compress;
}

/** One frame with its content size. The level is zstd's, 1 to 22. */
export function encodeZstd(input: Uint8Array, output: Uint8Array, level: number): number {
  if (compress === null) return FAILURE.notPrepared;
  const bytes = compress(input, level);
  if (bytes.length > output.length) return FAILURE.surplus;
  output.set(bytes);
  return bytes.length;
}
