import type { Message } from './object-header.js';
import type { Metadata } from './metadata.js';

/** Sizes of a dataset or attribute. */
export type Dataspace = {
  /** Null where there is no value at all (a null dataspace). */
  readonly shape: readonly number[] | null;
  /** What each dimension may grow to; null is without limit. */
  readonly maximum: readonly (number | null)[];
};

/** HDF5's own limit of dimensions. */
const MAX_RANK = 32;

/** Parse a dataspace message (specification IV.A.2.b), version 1 or 2. */
export function parseDataspace(metadata: Metadata, { body, address }: Pick<Message, 'body' | 'address'>): Dataspace {
  const fields = metadata.fields(body, address, 'dataspace');
  const version = fields.version([1, 2]);
  const rank = fields.u8();
  const flags = fields.u8();
  const kind = fields.u8();
  if (version === 1) fields.skip(4);
  if (version === 2 && kind === 2) return { shape: null, maximum: [] };
  if (rank > MAX_RANK) throw fields.fail(`${rank} dimensions`);
  const shape = Array.from({ length: rank }, () => fields.length());
  if ((flags & 1) === 0) return { shape, maximum: shape };
  const { length } = metadata.sizes;
  const maximum = shape.map((size) => {
    const bytes = fields.bytes(length);
    if (bytes.every((byte) => byte === 0xff)) return null;
    const most = metadata.fields(bytes, address, 'dataspace').length();
    if (most < size) throw fields.fail(`a dimension of ${size} that is ${most} at most`);
    return most;
  });
  return { shape, maximum };
}
