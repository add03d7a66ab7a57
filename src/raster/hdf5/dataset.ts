import { parseDataspace } from './dataspace.js';
import { describeDatatype, parseDatatype, type Datatype } from './datatype.js';
import { readFillValue } from './fill-value.js';
import { unsignedType } from './unsigned.js';
import { parseFilters, type Filter } from './filters.js';
import { parseLayout, type Layout } from './layout.js';
import type { Metadata } from './metadata.js';
import { findMessage, MessageType, resolveShared, type Message } from './object-header.js';

/** A dataset of numbers, as its object header describes it. */
export type Dataset = {
  readonly shape: readonly number[];
  /** What each dimension may grow to; null is without limit. */
  readonly maximum: readonly (number | null)[];
  readonly type: Extract<Datatype, { readonly kind: 'number' }>;
  /** In the order of writing. */
  readonly filters: readonly Filter[];
  readonly layout: Layout;
  /** What is not stored, as Zarr's JSON has it. */
  readonly fill: number | string;
};

/** Whether the object has what makes a dataset. */
export function isDataset(messages: readonly Message[]): boolean {
  return findMessage(messages, MessageType.dataspace) !== null && findMessage(messages, MessageType.layout) !== null;
}

/**
 * Read what a dataset's messages say; with `unsigned` its integers count as unsigned. Errors: `unsupported` names types and
 * layouts that are not read, `invalid-data`.
 */
export async function readDataset(
  metadata: Metadata,
  messages: readonly Message[],
  { unsigned }: { readonly unsigned: boolean },
): Promise<Dataset> {
  const message = async (type: number, what: string) => {
    const found = findMessage(messages, type);
    if (found === null) throw metadata.invalid(`a dataset without ${what}`);
    return resolveShared(metadata, found);
  };
  const typeMessage = await message(MessageType.datatype, 'a type');
  const stored = parseDatatype(metadata.fields(typeMessage.body, typeMessage.address, 'datatype'));
  if (stored.kind !== 'number') throw metadata.unsupported(`data type: ${describeDatatype(stored)}`);
  const type = unsigned ? { ...stored, dtype: unsignedType(stored.dtype) } : stored;
  const { shape, maximum } = parseDataspace(metadata, await message(MessageType.dataspace, 'a dataspace'));
  if (shape === null) throw metadata.unsupported('dataset without values (null dataspace)');
  if (findMessage(messages, MessageType.externalFiles) !== null)
    throw metadata.unsupported('dataset whose samples are in external files');
  const layout = parseLayout(metadata, await message(MessageType.layout, 'a layout'));
  if (layout.kind === 'chunked' && (layout.chunkShape.length !== shape.length || layout.chunkShape.includes(0)))
    throw metadata.invalid(`chunks ${layout.chunkShape.join(' × ')} of a dataset ${shape.join(' × ')}`);
  const pipeline = findMessage(messages, MessageType.filters);
  const filters = pipeline === null ? [] : parseFilters(metadata, await resolveShared(metadata, pipeline));
  return { shape, maximum, type, filters, layout, fill: await readFillValue(metadata, messages, type) };
}
