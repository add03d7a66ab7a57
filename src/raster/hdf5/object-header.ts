import type { Fields } from './fields.js';
import { Visited, type Metadata } from './metadata.js';

/** One message of an object header: what an object has, such as its type, a link or an attribute. */
export type Message = {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
  /** Address of the body, relative to the superblock. */
  readonly address: number;
};

/** Message types (specification IV.A.2). */
export const MessageType = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** A body that says where the message is instead (IV.A.2, "Shared Message"). */
const SHARED = 2;
/** Blocks of one header, and messages; a dataset of 65,536 attributes keeps them elsewhere. */
const MAX_BLOCKS = 4096;
const MAX_MESSAGES = 65_536;

type Block = { readonly address: number; readonly length: number };

/** All messages of the object at `address`, continuations followed. Errors: `invalid-data`, `unsupported` for other versions. */
export async function readObjectHeader(metadata: Metadata, address: number): Promise<Message[]> {
  const start = await metadata.bytes(address, 4, 'object header');
  const isNew = Buffer.from(start).toString('latin1') === 'OHDR';
  return isNew ? readNew(metadata, address) : readOld(metadata, address);
}

/** The first message of a type, or null. */
export function findMessage(messages: readonly Message[], type: number): Message | null {
  return messages.find((message) => message.type === type) ?? null;
}

/** The message itself, where the body is a reference to one that another object has (a committed datatype). */
export async function resolveShared(metadata: Metadata, message: Message): Promise<Message> {
  if ((message.flags & SHARED) === 0) return message;
  const fields = metadata.fields(message.body, message.address, 'shared message');
  const version = fields.version([1, 2, 3]);
  const kind = fields.u8();
  if (version === 3 && kind === 1) throw metadata.unsupported('messages in the shared message heap');
  if (version === 1) fields.skip(6);
  const owner = await readObjectHeader(metadata, fields.definedAddress());
  const found = owner.find(({ type, flags }) => type === message.type && (flags & SHARED) === 0);
  if (found === undefined) throw fields.fail(`refers to an object without a message of type ${message.type}`);
  return found;
}

/** IV.A.1.a: version 1. Messages are padded to 8 bytes; nothing is checked. */
async function readOld(metadata: Metadata, address: number): Promise<Message[]> {
  const prefix = await metadata.block(address, 16, 'object header');
  prefix.version([1]);
  prefix.skip(7); // reserved, number of messages, reference count
  const length = prefix.u32();
  return readBlocks(metadata, { address: address + 16, length }, async ({ address: at, length: bytes }, add) => {
    const fields = await metadata.block(at, bytes, 'object header');
    while (fields.left >= 8) {
      const type = fields.u16();
      const size = fields.u16();
      const flags = fields.u8();
      fields.skip(3);
      add({ type, flags, address: at + fields.at, body: fields.bytes(size) });
    }
  });
}

/** IV.A.1.b: version 2, whose blocks have checksums. */
async function readNew(metadata: Metadata, address: number): Promise<Message[]> {
  const prefix = await metadata.block(address, 6, 'object header');
  prefix.signature('OHDR');
  prefix.version([2]);
  const flags = prefix.u8();
  const before = 6 + ((flags & 0x20) !== 0 ? 16 : 0) + ((flags & 0x10) !== 0 ? 4 : 0);
  const sizeBytes = 1 << (flags & 3);
  const size = await metadata.block(address + before, sizeBytes, 'object header');
  const skip = before + sizeBytes;
  const first = { address, length: skip + size.uint(sizeBytes) + 4 };
  const ordered = (flags & 4) !== 0;
  return readBlocks(metadata, first, async ({ address: at, length }, add) => {
    const fields = await metadata.checkedBlock(at, length, 'object header');
    if (at === address) fields.skip(skip);
    else fields.signature('OCHK');
    addMessages(fields, at, ordered, add);
  });
}

function addMessages(fields: Fields, at: number, ordered: boolean, add: (message: Message) => void): void {
  while (fields.left >= (ordered ? 6 : 4)) {
    const type = fields.u8();
    const size = fields.u16();
    const flags = fields.u8();
    if (ordered) fields.skip(2);
    add({ type, flags, address: at + fields.at, body: fields.bytes(size) });
  }
}

/** Read the first block and those that continuation messages name. */
async function readBlocks(
  metadata: Metadata,
  first: Block,
  read: (block: Block, add: (message: Message) => void) => Promise<void>,
): Promise<Message[]> {
  const messages: Message[] = [];
  const blocks = [first];
  const visited = new Visited(metadata);
  for (let i = 0; i < blocks.length; i++) {
    visited.enter(blocks[i]!.address, 'a block of an object header');
    await read(blocks[i]!, (message) => {
      if (message.type === 0) return;
      if (message.type !== MessageType.continuation) return void messages.push(message);
      const fields = metadata.fields(message.body, message.address, 'continuation of an object header');
      blocks.push({ address: fields.definedAddress(), length: fields.length() });
    });
    if (blocks.length > MAX_BLOCKS || messages.length > MAX_MESSAGES)
      throw metadata.unsupported(`object header of more than ${MAX_BLOCKS} blocks or ${MAX_MESSAGES} messages`);
  }
  return messages;
}
