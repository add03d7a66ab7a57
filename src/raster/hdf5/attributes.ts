import { isCubeError } from '../../errors.js';
import { halfToNumber } from '../zarr/half.js';
import { readTreeV2 } from './btree-v2.js';
import { parseDataspace } from './dataspace.js';
import { parseDatatype, type Datatype } from './datatype.js';
import { textOf } from './fields.js';
import { openFractalHeap } from './fractal-heap.js';
import type { GlobalHeap } from './global-heap.js';
import type { Metadata } from './metadata.js';
import { findMessage, MessageType, resolveShared, type Message } from './object-header.js';

/** An attribute, its value still as bytes. */
export type StoredAttribute = {
  readonly name: string;
  readonly type: Datatype;
  /** Null where it has no value. */
  readonly shape: readonly number[] | null;
  readonly data: Uint8Array;
  readonly address: number;
};

/** Attributes by name, and in words what was left out and why. */
export type Attributes = {
  readonly stored: ReadonlyMap<string, StoredAttribute>;
  readonly problems: ReadonlySet<string>;
};

/** A message whose type or dataspace is another object's (attribute message, "Flags"). */
const SHARED_TYPE = 1;
const SHARED_SPACE = 2;
const MESSAGE_SHARED = 2;

/** All attributes of an object, in its header and in dense storage. A broken one is left out, and said. */
export async function readAttributes(metadata: Metadata, messages: readonly Message[]): Promise<Attributes> {
  const stored = new Map<string, StoredAttribute>();
  const problems = new Set<string>();
  const own = messages.filter(({ type }) => type === MessageType.attribute);
  const info = findMessage(messages, MessageType.attributeInfo);
  for (const message of info === null ? own : [...own, ...(await readDense(metadata, info))]) {
    if ((message.flags & MESSAGE_SHARED) !== 0) {
      problems.add('an attribute in the shared message heap is not read');
      continue;
    }
    try {
      const attribute = await parseAttribute(metadata, message);
      stored.set(attribute.name, attribute);
    } catch (error) {
      if (!isCubeError(error, 'invalid-data') && !isCubeError(error, 'unsupported')) throw error;
      problems.add(`an attribute is left out: ${error.message}`);
    }
  }
  return { stored, problems };
}

/** IV.A.2.v: attribute info; records of the name index are of type 8. */
async function readDense(metadata: Metadata, { body, address }: Message): Promise<Message[]> {
  const fields = metadata.fields(body, address, 'attribute info');
  fields.version([0]);
  const flags = fields.u8();
  if ((flags & 1) !== 0) fields.skip(2);
  const heapAddress = fields.address();
  const names = fields.address();
  if (heapAddress === null || names === null) return [];
  const heap = await openFractalHeap(metadata, heapAddress);
  const { records } = await readTreeV2(metadata, names, [8]);
  return Promise.all(
    records.map(async (record): Promise<Message> => {
      const id = record.bytes(8);
      const messageFlags = record.u8();
      const shared = (messageFlags & MESSAGE_SHARED) !== 0;
      const content = shared ? new Uint8Array(0) : await heap.read(id);
      return { type: MessageType.attribute, flags: messageFlags, body: content, address: heapAddress };
    }),
  );
}

/** IV.A.2.m: the attribute message, versions 1 to 3. */
async function parseAttribute(metadata: Metadata, { body, address }: Message): Promise<StoredAttribute> {
  const fields = metadata.fields(body, address, 'attribute');
  const version = fields.version([1, 2, 3]);
  const flags = fields.u8();
  const sizes = [fields.u16(), fields.u16(), fields.u16()] as const;
  if (version === 3) fields.skip(1); // character set of the name
  const part = (size: number) => {
    const bytes = fields.bytes(size);
    if (version === 1) fields.skip(Math.min(fields.left, (8 - (size % 8)) % 8));
    return bytes;
  };
  const name = textOf(part(sizes[0]));
  const message = (type: number, bytes: Uint8Array, shared: boolean) =>
    resolveShared(metadata, { type, flags: shared ? MESSAGE_SHARED : 0, body: bytes, address });
  const shared = version === 1 ? 0 : flags;
  const typeMessage = await message(MessageType.datatype, part(sizes[1]), (shared & SHARED_TYPE) !== 0);
  const type = parseDatatype(metadata.fields(typeMessage.body, typeMessage.address, `type of attribute ${name}`));
  const space = await message(MessageType.dataspace, part(sizes[2]), (shared & SHARED_SPACE) !== 0);
  const { shape } = parseDataspace(metadata, space);
  return { name, type, shape, data: fields.bytes(fields.left), address };
}

/** Elements of an attribute in order, as JSON has them; null where its type has no such form. Errors: `invalid-data`. */
export async function attributeValues(
  metadata: Metadata,
  heap: GlobalHeap,
  { name, type, shape, data, address }: StoredAttribute,
): Promise<readonly (number | string)[] | null> {
  if (shape === null || type.kind === 'reference' || type.kind === 'sequence' || type.kind === 'other') return null;
  const count = elementCount(shape, type.size, data.length);
  if (count === null)
    throw metadata.invalid(`attribute ${name} of ${shape.join(' × ')} elements has ${data.length} bytes`);
  metadata.spend(data.length);
  const fields = metadata.fields(data, address, `attribute ${name}`);
  const values: (number | string)[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = fields.bytes(type.size);
    if (type.kind === 'number') values.push(readNumber(bytes, type));
    else if (type.kind === 'text') values.push(trimmed(textOf(bytes), type.pad));
    else values.push(textOf((await heap.read(metadata.fields(bytes, address, `attribute ${name}`))).bytes));
  }
  return values;
}

/** Addresses of the objects that each element of an attribute refers to: DIMENSION_LIST, a sequence a dimension. */
export async function attributeReferences(
  metadata: Metadata,
  heap: GlobalHeap,
  { name, type, shape, data, address }: StoredAttribute,
): Promise<readonly (readonly number[])[] | null> {
  if (shape === null || type.kind !== 'sequence' || type.of.kind !== 'reference') return null;
  const count = elementCount(shape, type.size, data.length);
  if (count === null) return null;
  const fields = metadata.fields(data, address, `attribute ${name}`);
  const found: number[][] = [];
  for (let i = 0; i < count; i++) {
    const item = await heap.read(metadata.fields(fields.bytes(type.size), address, `attribute ${name}`));
    const references = metadata.fields(item.bytes, address, `attribute ${name}`);
    const most = Math.min(item.count, Math.floor(item.bytes.length / metadata.sizes.offset));
    found.push(Array.from({ length: most }, () => references.address()).filter((one) => one !== null));
  }
  return found;
}

/** Number of elements, or null where the bytes do not hold so many. */
function elementCount(shape: readonly number[], size: number, bytes: number): number | null {
  const count = shape.reduce((product, length) => product * length, 1);
  return count * size <= bytes ? count : null;
}

function trimmed(text: string, pad: 'zero' | 'space'): string {
  return pad === 'space' ? text.replace(/ +$/, '') : text;
}

/** A number as JSON has it: 64-bit integers that a double does not hold, and what is not finite, as text. */
export function readNumber(
  bytes: Uint8Array,
  { dtype, endian }: Extract<Datatype, { kind: 'number' }>,
): number | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = readSample(view, dtype, endian === 'little');
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  return Number.isFinite(value) ? value : String(value);
}

function readSample(view: DataView, dtype: string, little: boolean): number | bigint {
  switch (dtype) {
    case 'int8':
      return view.getInt8(0);
    case 'uint8':
      return view.getUint8(0);
    case 'int16':
      return view.getInt16(0, little);
    case 'uint16':
      return view.getUint16(0, little);
    case 'int32':
      return view.getInt32(0, little);
    case 'uint32':
      return view.getUint32(0, little);
    case 'int64':
      return view.getBigInt64(0, little);
    case 'uint64':
      return view.getBigUint64(0, little);
    case 'float16':
      return halfToNumber(view.getUint16(0, little));
    case 'float32':
      return view.getFloat32(0, little);
    default:
      return view.getFloat64(0, little);
  }
}
