import type { DataType } from '../../grid/dtype.js';
import { readNumber } from './attributes.js';
import type { Datatype } from './datatype.js';
import type { Metadata } from './metadata.js';
import { findMessage, MessageType, resolveShared, type Message } from './object-header.js';

/** What a chunk that is not stored holds, as Zarr's JSON has it: 0 where the file does not say. */
export async function readFillValue(
  metadata: Metadata,
  messages: readonly Message[],
  type: Extract<Datatype, { readonly kind: 'number' }>,
): Promise<number | string> {
  const message = findMessage(messages, MessageType.fill) ?? findMessage(messages, MessageType.oldFill);
  const bytes = message === null ? null : fillBytes(metadata, await resolveShared(metadata, message));
  if (bytes === null || bytes.length === 0) return 0;
  if (bytes.length !== type.size) throw metadata.invalid(`a fill value of ${bytes.length} bytes for ${type.dtype}`);
  return nameNaN(readNumber(bytes, type), bytes, type.dtype, type.endian);
}

/** IV.A.2.e and f; null where no value is defined. */
function fillBytes(metadata: Metadata, { type, body, address }: Message): Uint8Array | null {
  const fields = metadata.fields(body, address, 'fill value');
  if (type === MessageType.oldFill) return fields.bytes(fields.u32());
  const version = fields.version([1, 2, 3]);
  if (version === 3) {
    const defined = (fields.u8() & 0x20) !== 0;
    return defined ? fields.bytes(fields.u32()) : null;
  }
  fields.skip(2); // when space is allocated and filled
  const defined = fields.u8() !== 0;
  return version === 1 || defined ? fields.bytes(fields.u32()) : null;
}

/** A NaN may carry bits, which Zarr writes as hexadecimal. */
function nameNaN(
  value: number | string,
  bytes: Uint8Array,
  dtype: DataType,
  endian: 'little' | 'big',
): number | string {
  if (value !== 'NaN') return value;
  const big = endian === 'big' ? bytes : bytes.toReversed();
  return dtype === 'float16' ? 'NaN' : `0x${Buffer.from(big).toString('hex')}`;
}
