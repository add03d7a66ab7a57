import type { JsonObject } from '../zarr/json.js';
import { textOf } from './fields.js';
import type { Metadata } from './metadata.js';
import type { Message } from './object-header.js';

/** One step that chunks were written through. */
export type Filter = { readonly id: number; readonly name: string; readonly values: readonly number[] };

/** Filters that people meet and that are not read, by their registered numbers. */
const NAMES: Readonly<Record<number, string>> = {
  4: 'szip',
  5: 'nbit',
  6: 'scale-offset',
  307: 'bzip2',
  32000: 'LZF',
  32004: 'LZ4',
  32008: 'bitshuffle',
  32013: 'ZFP',
  32017: 'SZ',
  32026: 'blosc2',
};

/** Parse a filter pipeline message (specification IV.A.2.l), in the order of writing. */
export function parseFilters(metadata: Metadata, { body, address }: Message): Filter[] {
  const fields = metadata.fields(body, address, 'filter pipeline');
  const version = fields.version([1, 2]);
  const count = fields.u8();
  if (count > 32) throw fields.fail(`${count} filters`);
  if (version === 1) fields.skip(6);
  return Array.from({ length: count }, () => {
    const id = fields.u16();
    const nameBytes = version === 1 || id >= 256 ? fields.u16() : 0;
    fields.skip(2); // whether it may be left out
    const valueCount = fields.u16();
    const name = textOf(fields.bytes(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes));
    const values = Array.from({ length: valueCount }, () => fields.u32());
    if (version === 1 && valueCount % 2 === 1) fields.skip(4);
    return { id, name, values };
  });
}

/** The filters as Zarr codecs in the order of writing. Errors: `unsupported` names a filter that is not read. */
export function filterCodecs(metadata: Metadata, filters: readonly Filter[], elementBytes: number): JsonObject[] {
  return filters.map(({ id, name, values }) => {
    switch (id) {
      case 1:
        return { name: 'numcodecs.zlib' };
      case 2: {
        const elementsize = values[0] ?? elementBytes;
        if (elementsize < 1 || elementsize > 255)
          throw metadata.unsupported(`shuffle of elements of ${elementsize} bytes`);
        return { name: 'numcodecs.shuffle', configuration: { elementsize } };
      }
      case 3:
        return { name: 'numcodecs.fletcher32' };
      case 32001:
        return { name: 'blosc' };
      case 32015:
        return { name: 'zstd' };
      default:
        throw metadata.unsupported(`filter ${NAMES[id] ?? (name === '' ? String(id) : `${id} (${name})`)}`);
    }
  });
}
