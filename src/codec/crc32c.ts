import { codecKernels } from '../native/codec.js';

/** CRC-32C (Castagnoli) of the bytes, unsigned: the checksum of Zarr's `crc32c` codec and of shard indexes. */
export function crc32c(bytes: Uint8Array): number {
  return codecKernels().crc32c(bytes);
}
